/** Which structures students never found, as people read it. */
import type { StudyGroup, StudyReport } from './studies';

/** `bladder (seed 3), spleen (seeds 1, 4)`; empty where everything was found. */
export function neverFoundWords({ neverFound }: Pick<StudyGroup, 'neverFound'>, structures: StudyReport['structures']): string {
  return [...Map.groupBy(neverFound, ({ structure }) => structure)]
    .map(([structure, found]) => {
      const name = structures.find(({ index }) => index === structure)?.name ?? String(structure);
      return `${name.replaceAll('_', ' ')} (${found.length === 1 ? 'seed' : 'seeds'} ${found.map(({ seed }) => seed).join(', ')})`;
    })
    .join(', ');
}
