/** What a person may set before a run: words, units and hints here, ranges from the contract. */
import type { CommonSettings } from '../../../shared/runs';
import { commonSettings } from '../../../shared/schemas';

type NumberKey = { [K in keyof CommonSettings]: CommonSettings[K] extends number ? K : never }[keyof CommonSettings];
type TripleKey = { [K in keyof CommonSettings]: CommonSettings[K] extends [number, number, number] ? K : never }[keyof CommonSettings];

interface Wording {
  label: string;
  unit?: string;
  hint: string;
}
export type FieldSpec = Wording &
  (
    | { kind: 'number'; key: NumberKey }
    | { kind: 'triple'; key: TripleKey }
    | { kind: 'switch'; key: 'flips' | 'recompute' }
    | { kind: 'choice'; key: 'precision'; options: Record<CommonSettings['precision'], string> }
  );
export interface Range {
  min: number;
  max: number;
  /** Values must be multiples of this; null for any number. */
  step: number | null;
}

export const basicFields: readonly FieldSpec[] = [
  {
    kind: 'number',
    key: 'width',
    label: 'Student width',
    unit: 'channels',
    hint: 'Channels of the finest level; each deeper level doubles.',
  },
  { kind: 'triple', key: 'patch', label: 'Patch', unit: 'voxels', hint: 'Size of one training window, i j k; multiples of 16.' },
  {
    kind: 'triple',
    key: 'spacingMm',
    label: 'Voxel size',
    unit: 'mm',
    hint: 'Cases on another spacing are resampled to this for training.',
  },
  { kind: 'number', key: 'batch', label: 'Batch', unit: 'patches', hint: 'Patches per step.' },
  { kind: 'number', key: 'steps', label: 'Steps', hint: 'Updates of the weights.' },
  { kind: 'number', key: 'rate', label: 'Learning rate', hint: 'Peak; rises over the warm-up, then falls to 0 (power 0.9).' },
  {
    kind: 'number',
    key: 'validationCases',
    label: 'Validation',
    unit: 'cases',
    hint: 'Labelled cases set aside to choose the best checkpoint, when none has the validation split.',
  },
  { kind: 'number', key: 'seed', label: 'Seed', hint: 'Same seed and settings: same curve on the same machine.' },
];

export const advancedFields: readonly FieldSpec[] = [
  { kind: 'number', key: 'warmupSteps', label: 'Warm-up', unit: 'steps', hint: 'Steps over which the learning rate rises.' },
  { kind: 'number', key: 'momentum', label: 'Momentum', hint: 'Of stochastic gradient descent.' },
  { kind: 'number', key: 'weightDecay', label: 'Weight decay', hint: 'Pull of every weight towards 0.' },
  { kind: 'number', key: 'dropout', label: 'Dropout', hint: 'Share of activations left out while training.' },
  { kind: 'number', key: 'foreground', label: 'Foreground', hint: 'Share of patches centred on a structure.' },
  { kind: 'switch', key: 'flips', label: 'Left–right flips', hint: 'Exchanges mirrored structures, such as the kidneys.' },
  { kind: 'number', key: 'intensity', label: 'Intensity change', hint: 'Strength of random brightness, contrast and noise; 0 is none.' },
  { kind: 'number', key: 'balance', label: 'Balance', hint: 'How much more voxels of rare structures count in the loss; 0 is not at all.' },
  {
    kind: 'switch',
    key: 'recompute',
    label: 'Save memory',
    hint: 'Makes activations again instead of keeping them: slower, the same numbers.',
  },
  {
    kind: 'choice',
    key: 'precision',
    label: 'Precision',
    hint: 'Mixed: convolutions in 16 bits, for graphics cards that pass a trial of it; the processor would be slower.',
    options: { full: 'Full (32 bits)', mixed: 'Mixed (16 and 32 bits)' },
  },
  { kind: 'number', key: 'deformation', label: 'Deformation', hint: 'Strength of random scaling, rotation and bending; 0 is none.' },
  { kind: 'number', key: 'validateEvery', label: 'Validate every', unit: 'steps', hint: 'How often whole validation cases are predicted.' },
  {
    kind: 'number',
    key: 'checkpointEvery',
    label: 'Checkpoint every',
    unit: 'steps',
    hint: 'How often everything needed to resume is saved.',
  },
];

/** The contract's range of a field; of each component where the field has three. */
export function rangeOf(key: NumberKey | TripleKey): Range {
  const schema = commonSettings.shape[key];
  const range = rangeOfSchema('items' in schema.def ? schema.def.items[0] : schema);
  return key === 'patch' ? { ...range, step: 16 } : range;
}

/** A number of the contract, with or without a default. */
export interface NumberSchema {
  def: object;
}

/** The range that a number of the contract may have. */
export function rangeOfSchema(schema: NumberSchema): Range {
  const item = 'innerType' in schema.def ? schema.def.innerType : schema;
  const { minValue, maxValue, format } = item as { minValue: number | null; maxValue: number | null; format: string | null };
  return { min: minValue ?? Number.NEGATIVE_INFINITY, max: maxValue ?? Number.POSITIVE_INFINITY, step: format === 'safeint' ? 1 : null };
}

/** Why a number may not stand in a field, or null when it may. */
export function problemOf(value: number | null, { min, max, step }: Range): string | null {
  if (value === null || !Number.isFinite(value)) return 'Give a number.';
  if (value < min || value > max) return `Between ${min} and ${max}.`;
  if (step !== null && Math.abs(value / step - Math.round(value / step)) > 1e-9)
    return step === 1 ? 'A whole number.' : `A multiple of ${step}.`;
  return null;
}

/** Settings that differ from the defaults, in the words of the form. A run of an earlier version may lack some. */
export function changedFrom(defaults: CommonSettings, settings: CommonSettings): { label: string; value: string }[] {
  return [...basicFields, ...advancedFields]
    .filter(({ key }) => settings[key] !== undefined && JSON.stringify(defaults[key]) !== JSON.stringify(settings[key]))
    .map(({ key, label, unit }) => ({ label, value: `${inWords(settings[key])}${unit ? ` ${unit}` : ''}` }));
}

const inWords = (value: CommonSettings[keyof CommonSettings]) =>
  Array.isArray(value) ? value.join(' × ') : typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
