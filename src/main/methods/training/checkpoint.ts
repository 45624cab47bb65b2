/** A run on disk: weights under their key names, optimiser state, and everything the loop must remember, in one safetensors file. */
import type { StudentSpec } from '../../../shared/domain';
import { fail } from '../../../shared/errors';
import { readSafetensors, type Weight, writeSafetensors } from '../../checkpoints/safetensors';
import { freshMemory, type LoopMemory } from './loop';

export interface SavedRun {
  spec: StudentSpec;
  step: number;
  trainedSeconds: number;
  memory: LoopMemory;
  /** Of the network itself: what whoever uses it needs. */
  parameters: ReadonlyMap<string, Weight>;
  /** Momentum, running averages and the like, by name: what only training needs. */
  slots: ReadonlyMap<string, Weight>;
}

/** Optimiser state shares the file with the weights; a reader who wants the weights only leaves these names out. */
const slotPrefix = 'slot.';

/** Saves durably: afterwards the file is the new one, or still the old one. @throws DISK_FULL, FOLDER_NOT_WRITABLE */
export async function saveRun(path: string, { spec, step, trainedSeconds, memory, parameters, slots }: SavedRun): Promise<void> {
  const tensors = new Map([...parameters, ...[...slots].map(([name, slot]) => [slotPrefix + name, slot] as const)]);
  await writeSafetensors(path, tensors, {
    format: 'understudy run 1',
    spec: JSON.stringify(spec),
    progress: JSON.stringify({ step, trainedSeconds, memory }),
  });
}

/** Reads what `saveRun` wrote. @throws FILE_UNREADABLE, FILE_INVALID, CHECKPOINT_MISMATCH */
export async function readRun(path: string): Promise<SavedRun> {
  const { tensors, metadata } = await readSafetensors(path);
  if (metadata.format !== 'understudy run 1')
    fail('CHECKPOINT_MISMATCH', path, `it is no checkpoint of a run (format ${metadata.format ?? 'none'})`);
  const { step, trainedSeconds, memory } = JSON.parse(metadata.progress) as Pick<SavedRun, 'step' | 'trainedSeconds' | 'memory'>;
  // Checkpoints of earlier versions counted all terms alike, and did not remember what had been told.
  const counts = Object.fromEntries(Object.keys(memory.sums).map((term) => [term, memory.counted]));
  const parameters = new Map<string, Weight>();
  const slots = new Map<string, Weight>();
  for (const [name, tensor] of tensors) {
    if (name.startsWith(slotPrefix)) slots.set(name.slice(slotPrefix.length), tensor);
    else parameters.set(name, tensor);
  }
  return {
    spec: JSON.parse(metadata.spec) as StudentSpec,
    step,
    trainedSeconds,
    memory: { ...freshMemory, ...memory, counts: memory.counts ?? counts },
    parameters,
    slots,
  };
}

/** The weights of a student's file. @throws FILE_UNREADABLE, FILE_INVALID */
export async function readWeights(path: string): Promise<ReadonlyMap<string, Weight>> {
  const { tensors } = await readSafetensors(path);
  return new Map([...tensors].filter(([name]) => !name.startsWith(slotPrefix)));
}
