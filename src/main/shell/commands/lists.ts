/** `cases`, `runs`, `check` and `devices`: what is in a project, whether all of it is sound, and what this machine trains on. */
import type { Case } from '../../../shared/domain';
import { fail } from '../../../shared/errors';
import { spacingMm } from '../../../shared/geometry';
import type { DeviceReport, Run } from '../../../shared/runs';
import { caseCalled } from './choose';
import type { CommonOptions } from './commonOptions';
import { projectFolder } from './paths';
import { fixed, printJson, table } from './print';
import { withWorkbench } from './session';
import { jobWithBar } from './withBar';

export const casesCommand = (options: CommonOptions): Promise<number> =>
  withWorkbench(projectFolder(options.project), async ({ workbench }) => {
    const cases = await workbench.ask('cases.list', {});
    if (options.json) printJson({ cases });
    else if (cases.length === 0) console.log('No cases yet. Import some: npm run -s cli -- import PATH --project DIR');
    else console.log(casesTable(cases));
    return 0;
  });

/** `cases patient`: whose studies they are. */
export const casePatientCommand = (
  typed: string[],
  { is, unknown, ...options }: CommonOptions & { is?: string; unknown?: boolean },
): Promise<number> =>
  withWorkbench(projectFolder(options.project), async (session) => {
    if ((is === undefined) === !unknown) fail('BAD_INPUT', 'cases patient needs one of --is PATIENT and --unknown');
    const subjects = await Promise.all(typed.map((one) => caseCalled(session, one)));
    const patient = is ?? null;
    await session.workbench.ask('cases.setPatient', { cases: subjects.map(({ id }) => id), patient });
    if (options.json) printJson({ cases: subjects.map(({ id }) => id), patient });
    else
      for (const { name } of subjects)
        console.log(patient === null ? `Whose study ${name} is, nobody has said.` : `${name} is of patient ${patient}.`);
    return 0;
  });

const casesTable = (cases: readonly Case[]): string =>
  table(cases, [
    { title: 'case', value: ({ name }) => name },
    { title: 'split', value: ({ split }) => split },
    ...(cases.some(({ patient }) => patient !== null) ? [{ title: 'patient', value: ({ patient }: Case) => patient ?? '' }] : []),
    { title: 'labelled', value: ({ label }) => (label ? (label.state === 'complete' ? 'yes' : 'draft') : 'no') },
    { title: 'channels', value: ({ channels }) => channels.map(({ modality, unit }) => `${modality} (${unit})`).join(', ') },
    { title: 'voxels', value: ({ grid }) => grid.size.join(' × ') },
    {
      title: 'spacing, mm',
      value: ({ grid }) =>
        spacingMm(grid)
          .map((mm) => fixed(mm, 2))
          .join(' × '),
    },
  ]);

export const runsCommand = (options: CommonOptions): Promise<number> =>
  withWorkbench(projectFolder(options.project), async ({ workbench }) => {
    const runs = await workbench.ask('runs.list', {});
    if (options.json) printJson({ runs });
    else if (runs.length === 0) console.log('No runs yet. Start one: npm run -s cli -- train --project DIR');
    else console.log(runsTable(runs));
    return 0;
  });

const runsTable = (runs: readonly Run[]): string =>
  table(runs, [
    { title: 'run', value: ({ number }) => number },
    { title: 'name', value: ({ name }) => name },
    { title: 'state', value: ({ state }) => state },
    { title: 'step', value: ({ step, settings }) => `${step} of ${settings.steps}` },
    { title: 'checkpoint', value: ({ checkpointStep }) => checkpointStep },
    { title: 'best Dice', value: ({ bestDice }) => fixed(bestDice, 2) },
    { title: 'trained, s', value: ({ trainedSeconds }) => Math.round(trainedSeconds) },
    { title: 'problem', value: ({ problem }) => problem ?? '' },
  ]);

export const devicesCommand = (options: CommonOptions): Promise<number> =>
  withWorkbench(null, async ({ workbench }) => {
    const devices = await workbench.ask('devices.list', {});
    if (options.json) printJson({ devices });
    else console.log(devicesTable(devices));
    return 0;
  });

const devicesTable = (devices: readonly DeviceReport[]): string =>
  table(devices, [
    { title: 'device', value: ({ device }) => device },
    { title: 'state', value: ({ state }) => state },
    { title: 'GFLOP/s', value: ({ gigaflopsPerSecond }) => fixed(gigaflopsPerSecond, 1) },
    { title: 'mixed precision', value: ({ mixedPrecision }) => (mixedPrecision.offered ? 'yes' : 'no') },
    { title: 'name', value: ({ name }) => name },
    { title: 'how it went', value: ({ sentence }) => sentence },
  ]);

/** Exit code 1 if anything is wrong. */
export const checkCommand = (options: CommonOptions): Promise<number> =>
  withWorkbench(projectFolder(options.project), async (session) => {
    const { report } = await jobWithBar(session, 'check', 'Checking', () => session.workbench.ask('project.check', {}));
    if (options.json) printJson(report);
    else {
      for (const problem of report.problems) console.log(problem);
      for (const note of report.notes) console.log(`Note: ${note}`);
      const extent = `${report.rows} rows and ${report.files} files (${fixed(report.bytes / 2 ** 20, 1)} MiB)`;
      console.log(report.ok ? `All is well: ${extent} agree.` : `${report.problems.length} problems in ${extent}.`);
    }
    return report.ok ? 0 : 1;
  });
