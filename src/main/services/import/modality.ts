/** What a channel shows and in which unit: from the data set's words, else guessed, and then said so. */
import type { Modality, Statistics, Unit } from '../../../shared/domain';

export interface ChannelMeaning {
  modality: Modality;
  unit: Unit;
  /** Says what was guessed and from what; null when the data set said it. */
  warning: string | null;
}

const words: [Modality, RegExp][] = [
  ['CT', /^(ct|cect|ncct|ldct|hu)$/],
  ['PET', /^(pet|pt|suv|fdg|psma)$/],
  ['MR', /^(mr|mri|t1|t2|t1w|t2w|t1c|t1ce|t1gd|flair|dwi|adc|swi|pd)$/],
];
const unitOf: Record<Modality, Unit> = { CT: 'HU', PET: 'SUV', MR: 'a.u.', other: 'a.u.' };

/** The modality a name speaks of, word by word: `ct_0000`, `PET (SUV)`, `T1-weighted`. */
export function modalityIn(name: string): Modality | null {
  const tokens = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words.find(([, pattern]) => tokens.some((token) => pattern.test(token)))?.[0] ?? null;
}

/** A body's surroundings are air: half a percent of a CT lies this low, and nothing else does. */
const airHu = -500;

/**
 * @param title what the data set calls the channel, or null
 * @param fileName where there is no title, its words count
 */
export function meaningOf(title: string | null, fileName: string, statistics: Statistics): ChannelMeaning {
  if (title !== null) {
    const modality = modalityIn(title) ?? 'other';
    return { modality, unit: unitOf[modality], warning: null };
  }
  const named = modalityIn(fileName);
  if (named) {
    return { modality: named, unit: unitOf[named], warning: `Taken as ${inWords(named)}, because of the file's name.` };
  }
  if (statistics.p005 <= airHu)
    return { modality: 'CT', unit: 'HU', warning: `Taken as ${inWords('CT')}, because its values reach those of air.` };
  return { modality: 'other', unit: 'a.u.', warning: 'What it shows is not known; its values are shown without a unit.' };
}

const inWords = (modality: Modality) => (unitOf[modality] === 'a.u.' ? modality : `${modality} in ${unitOf[modality]}`);
