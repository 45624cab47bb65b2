/** `ledger`: what a run's teachers agreed on, by case and structure, and where a person should look first. */
import type { Structure } from '../../../shared/domain';
import { confidenceOf, type Disagreement, type DisagreementOrder, type LedgerSummary, type StepWindow } from '../../../shared/ledger';
import { runCalled } from './choose';
import type { CommonOptions } from './commonOptions';
import { projectFolder } from './paths';
import { fixed, printJson, table } from './print';
import { withWorkbench } from './session';

interface LedgerOptions extends CommonOptions {
  run: string;
  windows?: number;
  limit?: number;
  by?: DisagreementOrder;
}

export const ledgerCommand = (options: LedgerOptions): Promise<number> =>
  withWorkbench(projectFolder(options.project), async (session) => {
    const { workbench } = session;
    const { id: run, number } = await runCalled(session, options.run);
    const summary = await workbench.ask('ledger.summary', { run, windows: options.windows });
    const disagreements = await workbench.ask('ledger.disagreements', { run, limit: options.limit, by: options.by });
    if (options.json) printJson({ run, summary, disagreements });
    else if (summary.lines.length === 0) {
      console.log(`The ledger of run ${number} is empty: only runs by MuDuo ask teachers, and only once their student is trained.`);
    } else {
      const structures = (await workbench.ask('project.get', {}))?.structures ?? [];
      console.log(`Agreement of the teachers, and the share kept of what they found\n\n${summaryTable(summary, structures)}\n`);
      const { window, list } = disagreements;
      if (list.length === 0) console.log('The work list is empty: there is nothing they disagree on.');
      else
        console.log(
          `Where they disagree most, ${words(window)}, ${firstWords[options.by ?? 'agreement']} first\n\n${workTable(list, structures)}`,
        );
    }
    return 0;
  });

const firstWords: Record<DisagreementOrder, string> = {
  agreement: 'least agreement',
  volume: 'largest difference',
  confidence: 'surest difference',
};
const words = (window: StepWindow | null): string => (window ? `steps ${window.from}–${window.to}` : 'no steps yet');

const nameOf = (structures: readonly Structure[], index: number): string =>
  structures.find((structure) => structure.index === index)?.name ?? String(index);

const summaryTable = ({ windows, lines }: LedgerSummary, structures: readonly Structure[]): string =>
  table(lines, [
    { title: 'case', value: ({ name }) => name },
    { title: 'structure', value: ({ structure }) => nameOf(structures, structure) },
    ...windows.map((window, w) => ({
      title: words(window),
      value: ({ tallies }: LedgerSummary['lines'][number]) => {
        const tally = tallies[w];
        if (!tally || tally.present === 0) return '–';
        return `${fixed(tally.agreement, 2)} · ${Math.round((100 * tally.kept) / tally.present)} %`;
      },
    })),
  ]);

const workTable = (list: readonly Disagreement[], structures: readonly Structure[]): string =>
  table(list, [
    { title: 'case', value: ({ name }) => name },
    { title: 'structure', value: ({ structure }) => nameOf(structures, structure) },
    { title: 'agreement', value: ({ agreement }) => fixed(agreement, 2) },
    { title: 'differ, mL', value: ({ difference }) => fixed(difference?.volumeMl ?? null, 1) },
    { title: 'sure', value: ({ difference }) => fixed(difference && confidenceOf(difference), 2) },
    { title: 'lowest', value: ({ lowest }) => fixed(lowest, 2) },
    { title: 'at step', value: ({ step }) => step },
    { title: 'kept', value: ({ kept, present }) => `${kept} of ${present}` },
  ]);
