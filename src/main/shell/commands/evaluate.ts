/** `evaluate`: scores of a model's predictions, by structure and by case, worst first. */
import type { EvaluationSummary } from '../../../shared/evaluation';
import { casesCalled, modelCalled } from './choose';
import type { CommonOptions } from './commonOptions';
import { projectFolder } from './paths';
import { fixed, printJson, table } from './print';
import { withWorkbench } from './session';
import { jobWithBar } from './withBar';

type Options = CommonOptions & { model?: string[]; cases?: string[] };

export const evaluateCommand = (options: Options): Promise<number> =>
  withWorkbench(projectFolder(options.project), async (session) => {
    const cases = await casesCalled(session, options.cases);
    for (const typed of options.model ?? [undefined]) {
      const model = await modelCalled(session, typed);
      const start = () => session.workbench.ask('evaluate.start', { model: model.id, cases });
      const { summary } = await jobWithBar(session, 'evaluate', 'Evaluating', start);
      if (options.json) printJson(summary);
      else console.log(`${summary.modelName}, ${summary.cases.length} cases\n\n${structuresTable(summary)}\n\n${casesTable(summary)}\n`);
    }
    return 0;
  });

/** Per structure, worst Dice first, the mean last. */
export function structuresTable({ structures, mean }: EvaluationSummary): string {
  const rows = [
    ...structures.toSorted((a, b) => a.dice - b.dice),
    { name: 'mean', ...mean, missed: structures.reduce((sum, s) => sum + s.missed, 0) },
  ];
  return table(rows, [
    { title: 'structure', value: ({ name }) => name },
    { title: 'Dice', value: ({ dice }) => fixed(dice, 3) },
    { title: 'HD95, mm', value: ({ hd95Mm }) => fixed(hd95Mm, 1) },
    { title: 'ASSD, mm', value: ({ assdMm }) => fixed(assdMm, 1) },
    { title: 'surface Dice', value: ({ surfaceDice }) => fixed(surfaceDice, 3) },
    { title: 'volume error, mL', value: ({ volumeErrorMl }) => fixed(volumeErrorMl, 1) },
    { title: 'missed', value: ({ missed }) => missed },
  ]);
}

const casesTable = ({ cases }: EvaluationSummary): string =>
  table(
    cases.toSorted((a, b) => a.meanDice - b.meanDice),
    [
      { title: 'case', value: ({ name }) => name },
      { title: 'mean Dice', value: ({ meanDice }) => fixed(meanDice, 3) },
    ],
  );
