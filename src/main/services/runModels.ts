/** Turns a run's checkpoints into models: weights copied into the project's store, with everything needed to use them. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Model, ModelId, RunId } from '../../shared/domain';
import { storeFile } from '../files/durable';
import { rememberFile } from '../store/files';
import { insertModel } from '../store/models';
import { getRun, trainedOf } from '../store/runs';
import { runFolder, type Store } from '../store/store';

/** Adds the best checkpoint, and the last one if it is another. Answers how many models are new. */
export async function modelsOf(store: Store, run: RunId): Promise<number> {
  const trained = trainedOf(store.read, run);
  if (!trained) return 0;
  const { last, best, student, parameters } = trained;
  const { name } = getRun(store.read, run);
  const checkpoints = [
    ...(best ? [{ which: 'best' as const, ...best }] : []),
    ...(best?.step === last.step ? [] : [{ which: 'last' as const, ...last }]),
  ];
  let added = 0;
  for (const { which, step, dice } of checkpoints) {
    const file = await storeFile(store.files, join(runFolder(store, run), `${which}.safetensors`));
    const model: Model = {
      id: randomUUID() as string as ModelId,
      name: `${name}, ${which} (step ${step})`,
      run,
      which,
      step,
      spec: student,
      parameters,
      file: file.hash,
      validationDice: dice,
      createdAt: new Date().toISOString(),
    };
    const isNew = store.write((db) => {
      rememberFile(db, file);
      return insertModel(db, model);
    });
    if (isNew) added++;
  }
  return added;
}
