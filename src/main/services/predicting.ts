/** Prediction: masks of a model for the project's cases, stored one by one as they come. */
import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { Handlers } from '../../shared/contract';
import type { Case, Model, PredictionId } from '../../shared/domain';
import { fail } from '../../shared/errors';
import type { Progress } from '../compute/protocol';
import { addressOf } from '../files/durable';
import { getCases, listCases } from '../store/cases';
import { appendEvent } from '../store/events';
import { rememberFile } from '../store/files';
import { getModel } from '../store/models';
import { insertPrediction, listPredictions } from '../store/predictions';
import type { Store } from '../store/store';
import type { Desk } from './desk';
import { JobStopped } from './jobs';
import { storedCase } from './stored';

export const predictHandlers = (desk: Desk): Pick<Handlers, 'predict.start' | 'predictions.list'> => ({
  'predict.start': ({ model: id, cases: ids, again }) => {
    const store = desk.store();
    const model = getModel(store.read, id);
    const asked = ids ? getCases(store.read, ids) : fitting(model, listCases(store.read));
    for (const one of asked) requireFit(model, one);
    const there = new Set(again ? [] : listPredictions(store.read, { model: id }).map((one) => one.case));
    const cases = asked.filter((one) => !there.has(one.id));

    return desk.jobs.start({ kind: 'predict', title: `Prediction with ${model.name}` }, async (control) => {
      const predictions: PredictionId[] = [];
      control.keep({ kind: 'predict', predictions });
      if (cases.length === 0) {
        control.progress(1, 'Every case was predicted already.');
        return { kind: 'predict', predictions };
      }
      if (desk.trainer().running) control.progress(0, 'Waiting for the run that is training');
      let trouble: unknown = null;
      const stopper = new AbortController();
      const outcome = await desk.compute.run(
        'predict',
        {
          weights: addressOf(store.files, model.file),
          spec: model.spec,
          cases: cases.map((one) => storedCase(store, one)),
          store: store.files,
          threads: availableParallelism(),
        },
        {
          signal: AbortSignal.any([control.signal, stopper.signal]),
          onProgress(progress) {
            if (progress.kind === 'fraction') return control.progress(progress.fraction, progress.message);
            try {
              predictions.push(storeMask(store, model, progress));
              desk.announce('predictions.changed', {});
            } catch (error) {
              trouble ??= error; // a message handler must not throw: the job does, below
              stopper.abort();
            }
          },
        },
      );
      if (trouble) throw trouble;
      if (outcome.state === 'stopped') throw new JobStopped();
      store.write((db) => appendEvent(db, 'predict', `${model.name} predicted ${predictions.length} cases.`));
      control.progress(1, `${predictions.length} of ${cases.length} cases predicted.`);
      return { kind: 'predict', predictions };
    });
  },

  'predictions.list': ({ case: id }) => listPredictions(desk.store().read, { case: id }),
});

const words = (modalities: readonly { modality: string }[]) => modalities.map(({ modality }) => modality).join(', ');
const fits = (model: Model, one: Case): boolean => words(model.spec.channels) === words(one.channels);

/** The cases the model can read; all of them if it can read none, so that the refusal names one. */
function fitting(model: Model, cases: readonly Case[]): readonly Case[] {
  const readable = cases.filter((one) => fits(model, one));
  return readable.length > 0 ? readable : cases;
}

function requireFit(model: Model, one: Case): void {
  if (!fits(model, one)) fail('RUN_CHANNELS_DIFFER', one.name, words(model.spec.channels), words(one.channels));
}

function storeMask(store: Store, model: Model, mask: Extract<Progress<'predict'>, { kind: 'mask' }>): PredictionId {
  const id = randomUUID() as string as PredictionId;
  store.write((db) => {
    rememberFile(db, mask.file);
    insertPrediction(db, {
      id,
      case: mask.case,
      model: model.id,
      run: model.run,
      file: mask.file.hash,
      voxels: mask.voxels,
      seconds: mask.seconds,
      createdAt: new Date().toISOString(),
    });
  });
  return id;
}
