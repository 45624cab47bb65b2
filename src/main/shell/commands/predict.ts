/** `predict`: masks of a student for the cases of the project. */
import { casesCalled, modelCalled } from './choose';
import type { CommonOptions } from './commonOptions';
import { projectFolder } from './paths';
import { printJson } from './print';
import { withWorkbench } from './session';
import { jobWithBar } from './withBar';

type Options = CommonOptions & { model?: string; cases?: string[]; again?: true };

export const predictCommand = (options: Options): Promise<number> =>
  withWorkbench(projectFolder(options.project), async (session) => {
    const { workbench } = session;
    const model = await modelCalled(session, options.model);
    const cases = await casesCalled(session, options.cases);
    const start = () => workbench.ask('predict.start', { model: model.id, cases, again: options.again ?? false });
    const { predictions: made } = await jobWithBar(session, 'predict', 'Predicting', start);
    const predictions = (await workbench.ask('predictions.list', {})).filter(({ id }) => made.includes(id));
    if (options.json) printJson({ model: model.id, predictions });
    else
      console.log(
        `${model.name} labelled ${made.length} cases.${made.length === 0 ? ' It had labelled all of them before; --again repeats it.' : ''}`,
      );
    return 0;
  });
