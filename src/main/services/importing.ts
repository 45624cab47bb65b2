/** Import: plans what the chosen paths hold, then brings case after case in. One bad file never costs another. */

import type { Handlers } from '../../shared/contract';
import { counted } from '../../shared/counts';
import type { ImportReport } from '../../shared/domain';
import { AppError } from '../../shared/errors';
import type { Compute } from '../compute/host';
import type { Store } from '../store/store';
import { listStructures } from '../store/structures';
import type { Desk } from './desk';
import { importCase } from './import/importCase';
import { type ImportPlan, isFatal, type PlannedCase, refusal } from './import/plan';
import { planImport } from './import/planImport';
import { adoptStructures } from './import/structures';
import { type JobControl, JobStopped } from './jobs';

export const importHandlers = (desk: Desk): Pick<Handlers, 'import.start'> => ({
  'import.start': ({ paths }) => {
    const store = desk.store();
    const title = `Import of ${paths.length === 1 ? paths[0] : `${paths.length} paths`}`;
    return desk.jobs.start({ kind: 'import', title }, async (control) => {
      const report = await importPaths({ store, compute: desk.compute, paths, onCase: () => desk.announce('cases.changed', {}) }, control);
      desk.announce('project.changed', {});
      return { kind: 'import', report };
    });
  },
});

interface ImportTask {
  store: Store;
  compute: Compute;
  onCase(): void;
}
type Control = Pick<JobControl, 'signal' | 'progress' | 'keep'>;

/** Imports everything the paths hold. @throws like `importPlans` */
export const importPaths = async ({ paths, ...task }: ImportTask & { paths: readonly string[] }, control: Control): Promise<ImportReport> =>
  importPlans(task, await planImport(paths), control);

/**
 * Imports what is planned. The report grows in place and is kept with the job as it grows.
 * @throws DISK_FULL, FOLDER_NOT_WRITABLE: those would refuse every further case too
 */
export async function importPlans(task: ImportTask, plans: readonly ImportPlan[], control: Control): Promise<ImportReport> {
  const report: ImportReport = { imported: [], refused: [] };
  control.keep({ kind: 'import', report });
  const total = plans.reduce((sum, plan) => sum + plan.cases.length, 0);
  let done = 0;
  for (const plan of plans) {
    report.refused.push(...plan.refused);
    if (!adopt(task.store, plan, report)) continue;
    const mayNameStructures = plan.structures === null && listStructures(task.store.read).length === 0;
    let warnings = plan.warnings;
    for (const planned of plan.cases) {
      if (control.signal.aborted) throw new JobStopped();
      control.progress(done / total, `${planned.name} (${done + 1} of ${total})`);
      const imported = await attempt(report, planned, () =>
        importCase(
          { ...task, signal: control.signal, mayNameStructures, onProgress: (part) => control.progress((done + part) / total) },
          planned,
        ),
      );
      if (imported) {
        imported.warnings.unshift(...warnings);
        warnings = [];
        task.onCase();
      }
      done++;
    }
  }
  control.progress(1, summaryOf(report));
  return report;
}

type Imported = ImportReport['imported'][number];

async function attempt(report: ImportReport, planned: PlannedCase, work: () => ReturnType<typeof importCase>): Promise<Imported | null> {
  try {
    const { imported, refused } = await work();
    report.refused.push(...refused);
    if (imported) report.imported.push(imported);
    return imported;
  } catch (error) {
    if (error instanceof JobStopped) throw error;
    report.refused.push(refusal(planned.channels[0].path, error));
    if (error instanceof AppError && isFatal(error)) throw error;
    return null;
  }
}

/** Names the plan's structures in the project. On a conflict no case of the plan is imported: its labels would mean something else. */
function adopt(store: Store, plan: ImportPlan, report: ImportReport): boolean {
  try {
    const { structures } = plan;
    if (structures) store.write((db) => adoptStructures(db, structures));
    return true;
  } catch (error) {
    report.refused.push(...plan.cases.map((planned) => refusal(planned.channels[0].path, error)));
    return false;
  }
}

function summaryOf({ imported, refused }: ImportReport): string {
  const labelled = imported.filter((one) => one.labelled).length;
  return `${counted(imported.length, 'case')} imported (${labelled} labelled), ${counted(refused.length, 'file')} refused.`;
}
