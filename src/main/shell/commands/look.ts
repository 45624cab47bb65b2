/** `look`: how a finished run's student and teachers see cases, and how right each of them is where there is a reference. */
import { counted } from '../../../shared/counts';
import type { Structure } from '../../../shared/domain';
import { type LookScore, momentSources } from '../../../shared/ledger';
import { casesCalled, runCalled } from './choose';
import type { CommonOptions } from './commonOptions';
import { projectFolder } from './paths';
import { fixed, printJson, table } from './print';
import { withWorkbench } from './session';
import { jobWithBar } from './withBar';

type Options = CommonOptions & { run: string; cases?: string[] };

export const lookCommand = (options: Options): Promise<number> =>
  withWorkbench(projectFolder(options.project), async (session) => {
    const { workbench } = session;
    const { id: run, number } = await runCalled(session, options.run);
    const cases = await casesCalled(session, options.cases);
    const { cases: count, scores } = await jobWithBar(session, 'look', 'Looking', () => workbench.ask('ledger.look', { run, cases }));
    if (options.json) printJson({ run, cases: count, scores });
    else {
      console.log(
        `The student of run ${number} and those it asks looked at ${counted(count, 'case')}; the workbench shows them side by side.`,
      );
      const structures = (await workbench.ask('project.get', {}))?.structures ?? [];
      if (scores.length > 0)
        console.log(`\nDice against the references, mean over the cases that have the structure\n\n${scoresTable(scores, structures)}`);
    }
    return 0;
  });

const titles = { student: 'student', ct: 'CT teacher', pet: 'PET teacher', agreed: 'agreed' } as const;

/** One row per structure that was scored, in the project's order, the mean last. */
function scoresTable(scores: readonly LookScore[], structures: readonly Structure[]): string {
  const sources = momentSources.filter((one) => scores.some(({ source }) => source === one));
  const rows = structures
    .filter(({ index }) => scores.some(({ structure }) => structure === index))
    .map(({ index, name }) => ({
      name,
      dice: sources.map((source) => scores.find((score) => score.source === source && score.structure === index)?.dice ?? null),
    }));
  const meanOf = (column: number) => {
    const values = rows.flatMap(({ dice }) => dice[column] ?? []);
    return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
  };
  return table(
    [...rows, { name: 'mean', dice: sources.map((_, column) => meanOf(column)) }],
    [
      { title: 'structure', value: ({ name }) => name },
      ...sources.map((source, column) => ({
        title: titles[source],
        value: ({ dice }: (typeof rows)[number]) => fixed(dice[column], 3),
      })),
    ],
  );
}
