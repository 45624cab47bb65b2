/** What a study says, as people read it. */
import type { PairedDifference } from './pairedDifferences';
import type { StudyGroup, StudyReport } from './studies';

/** `liver, aorta (every seed); spleen (seeds 1, 4)`: structures missed by the same seeds stand together. Empty where everything was found. */
export function neverFoundWords(
  { neverFound, diceBySeed }: Pick<StudyGroup, 'neverFound' | 'diceBySeed'>,
  structures: StudyReport['structures'],
): string {
  const missed = [...Map.groupBy(neverFound, ({ structure }) => structure)].map(([structure, found]) => ({
    name: (structures.find(({ index }) => index === structure)?.name ?? String(structure)).replaceAll('_', ' '),
    seeds: seedsIn(
      found.map(({ seed }) => seed),
      diceBySeed.length,
    ),
  }));
  return [...Map.groupBy(missed, ({ seeds }) => seeds)]
    .map(([seeds, together]) => `${together.map(({ name }) => name).join(', ')} (${seeds})`)
    .join('; ');
}

const seedsIn = (seeds: readonly number[], all: number): string =>
  seeds.length === 1 ? `seed ${seeds[0]}` : seeds.length === all ? 'every seed' : `seeds ${seeds.join(', ')}`;

/** What the students were trained on. Empty where nobody knows. */
export function trainedOnWords({ devices }: Pick<StudyReport, 'devices'>): string {
  if (devices.length <= 1) return devices.map((device) => `Trained on ${device}.`).join('');
  return `Trained in ${devices.length} environments, whose sums may round differently: ${devices.join('; ')}. Part of a difference may then be theirs.`;
}

/** `4 of 5 seeds better`; of a single seed what that means. */
export const seedsBetterWords = ({ seedsBetter, seeds }: Pick<PairedDifference, 'seedsBetter' | 'seeds'>): string =>
  seeds === 1 ? 'one seed alone, others may differ' : `${seedsBetter} of ${seeds} seeds better`;
