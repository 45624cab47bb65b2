/** `export images|masks|model`: files that other programs read. */
import type { Input } from '../../../shared/contract';
import { AppError } from '../../../shared/errors';
import { casesCalled, modelCalled } from './choose';
import type { CommonOptions } from './commonOptions';
import { pathFrom, projectFolder } from './paths';
import { printJson } from './print';
import { type Session, withWorkbench } from './session';
import { jobWithBar } from './withBar';

type Options = CommonOptions & { out: string; canonical?: true; cases?: string[]; model?: string; reference?: true };

export const exportFiles = (what: string, options: Options): Promise<number> =>
  withWorkbench(projectFolder(options.project), async (session) => {
    const order = await orderFor(session, what, options);
    const { files } = await jobWithBar(session, 'export', 'Exporting', () => session.workbench.ask('export.start', order));
    if (options.json) printJson({ files });
    else console.log(`${files.join('\n')}\n${files.length} ${files.length === 1 ? 'file' : 'files'} written.`);
    return 0;
  });

async function orderFor(session: Session, what: string, options: Options): Promise<Input<'export.start'>> {
  const { canonical = false } = options;
  const out = pathFrom(options.out);
  const cases = await casesCalled(session, options.cases);
  switch (what) {
    case 'images':
      return { what, out, canonical, cases };
    case 'masks':
      return { what, out, canonical, cases, model: options.reference ? null : (await modelCalled(session, options.model)).id };
    case 'model':
      return { what, out, model: (await modelCalled(session, options.model)).id };
    default:
      throw new AppError('BAD_INPUT', `\`export ${what}\` is not known. Say \`export images\`, \`export masks\` or \`export model\`.`);
  }
}
