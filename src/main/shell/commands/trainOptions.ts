/** Every setting that all runs share as an option of `train`; the ranges are the contract's. */
import { type Command, InvalidArgumentError } from 'commander';
import type { CommonSettings } from '../../../shared/runs';

type Setting = keyof CommonSettings;
type Parse = (text: string) => CommonSettings[Setting];

const text: Parse = (typed) => typed;
export const number = (typed: string): number => {
  const value = Number(typed);
  if (typed.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It should be a number.');
  return value;
};
/** `48` for all three axes, or `48,48,32` for i, j and k. */
const triple = (typed: string): [number, number, number] => {
  const values = typed.split(/[,x×]/).map(number);
  if (values.length !== 1 && values.length !== 3) throw new InvalidArgumentError('It should be one number, or three as in 48,48,32.');
  return values.length === 3 ? [values[0], values[1], values[2]] : [values[0], values[0], values[0]];
};

/** Flag, how its text is read, and what it means. A new setting without a row here does not compile. */
const rows: Record<Setting, [flags: string, parse: Parse | 'switch', meaning: string]> = {
  name: ['--name <name>', text, 'what the run is called'],
  device: ['--device <name>', text, 'where to train: auto, cpu, webgpu, cuda, dml or coreml'],
  recompute: ['--recompute', 'switch', 'make activations again instead of keeping them: less memory, more time'],
  precision: ['--precision <kind>', text, 'full, or mixed where a device offers it: 16 bits for convolutions, 32 for the rest'],
  width: ['--width <n>', number, 'channels of the finest level; each deeper level doubles (2…64)'],
  patch: ['--patch <i,j,k>', triple, 'size of a training patch in voxels, multiples of 16'],
  spacingMm: ['--spacing-mm <i,j,k>', triple, 'voxel size to train on, in mm'],
  batch: ['--batch <n>', number, 'patches per step (1…32)'],
  steps: ['--steps <n>', number, 'training steps'],
  rate: ['--rate <x>', number, 'peak learning rate'],
  warmupSteps: ['--warmup-steps <n>', number, 'steps over which the rate rises to its peak'],
  momentum: ['--momentum <x>', number, 'momentum of the optimiser (0…0.9999)'],
  weightDecay: ['--weight-decay <x>', number, 'weight decay (0…1)'],
  dropout: ['--dropout <x>', number, 'share of features dropped (0…0.9)'],
  foreground: ['--foreground <x>', number, 'share of patches centred on a structure (0…1)'],
  balance: ['--balance <x>', number, 'how much more voxels of rare structures count (0…1)'],
  flips: ['--no-flips', 'switch', 'do not flip left and right at random'],
  intensity: ['--intensity <x>', number, 'strength of intensity augmentation (0…1)'],
  deformation: ['--deformation <x>', number, 'strength of spatial augmentation (0…1)'],
  labelledCases: [
    '--labelled-cases <n>',
    number,
    'use only so many of the labelled training cases, first by name; the others count as unlabelled',
  ],
  validationCases: ['--validation-cases <n>', number, 'labelled training cases set aside when none has the validation split'],
  validateEvery: ['--validate-every <n>', number, 'steps between validations'],
  checkpointEvery: ['--checkpoint-every <n>', number, 'steps between checkpoints'],
  seed: ['--seed <n>', number, 'start of all random streams; same seed, same run'],
};

export function addTrainOptions(command: Command): Command {
  for (const [flags, parse, meaning] of Object.values(rows)) {
    if (parse === 'switch') command.option(flags, meaning);
    else command.option(flags, meaning, parse);
  }
  return command;
}

/** Only the settings that were given on the command line, to lay over the defaults. */
export function givenSettings(command: Command): Partial<CommonSettings> {
  const given = (Object.keys(rows) as Setting[]).filter((name) => command.getOptionValueSource(name) === 'cli');
  return Object.fromEntries(given.map((name) => [name, command.getOptionValue(name)]));
}
