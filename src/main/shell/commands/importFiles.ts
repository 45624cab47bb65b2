/** `import PATH…`: what came in, and what was refused with its sentence. */
import type { ImportReport } from '../../../shared/domain';
import type { CommonOptions } from './commonOptions';
import { pathFrom, projectFolder } from './paths';
import { printJson } from './print';
import { withNewOrOpenProject } from './session';
import { jobWithBar } from './withBar';

/** Exit code 1 if nothing at all could be imported. */
export function importCommand(paths: string[], options: CommonOptions): Promise<number> {
  const folder = options.project === undefined ? projectFolder(undefined) : pathFrom(options.project);
  return withNewOrOpenProject(folder, async (session) => {
    const start = () => session.workbench.ask('import.start', { paths: paths.map(pathFrom) });
    const { report } = await jobWithBar(session, 'import', 'Importing', start);
    if (options.json) printJson(report);
    else printReport(report);
    return report.imported.length === 0 ? 1 : 0;
  });
}

export function printReport({ imported, refused }: ImportReport): void {
  for (const { case: name, channels, labelled, warnings } of imported) {
    console.log(`${name}: ${channels} ${channels === 1 ? 'channel' : 'channels'}${labelled ? ', labelled' : ''}`);
    for (const warning of warnings) console.log(`  Note: ${warning}`);
  }
  for (const { sentence } of refused) console.log(`Refused: ${sentence}`);
  console.log(`${imported.length} imported, ${refused.length} refused.`);
}
