/** Every score of a study as comma-separated values: one row per configuration, budget, seed, case and structure. */
import type { StructureScore } from '../../../shared/evaluation';
import type { StudentScores, StudyReport } from '../../../shared/studies';

const metrics = [
  'dice',
  'hd95Mm',
  'assdMm',
  'surfaceDice',
  'toleranceMm',
  'volumeMl',
  'referenceMl',
  'note',
] as const satisfies (keyof StructureScore)[];
const heading = ['method', 'configuration', 'budget', 'seed', 'case', 'structure', ...metrics];

/** Lines end as RFC 4180 has them; what has no value is empty. */
export function scoresTable({ study, structures }: StudyReport, students: readonly StudentScores[]): string {
  const nameOf = new Map(structures.map(({ index, name }) => [index, name]));
  const rows = students.flatMap(({ configuration, budget, seed, cases }) => {
    const { name, settings } = study.configurations[configuration];
    return cases.flatMap((one) =>
      one.structures.map((score) => [
        ...[settings.method, name, budget, seed, one.name, nameOf.get(score.structure) ?? score.structure],
        ...metrics.map((metric) => score[metric] ?? ''),
      ]),
    );
  });
  return [heading, ...rows].map((row) => `${row.map(quoted).join(',')}\r\n`).join('');
}

const quoted = (value: string | number): string =>
  /[",\r\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);
