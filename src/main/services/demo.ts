/** The demo project: phantoms written as ordinary files, imported like a hospital's data, and opened when all of it is there. */
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Handlers, Parsed } from '../../shared/contract';
import type { ImportReport } from '../../shared/domain';
import { appError } from '../../shared/errors';
import { asFileError } from '../files/durable';
import { createStore, holdsProject } from '../store/store';
import type { Desk } from './desk';
import { importPaths } from './importing';
import { type JobControl, JobStopped } from './jobs';
import { openProject } from './projects';
import { acceptLicence } from './teachers/accept';
import { importTeacher } from './teachers/importTeacher';
import { shippedTeachers } from './teachers/shipped';

/** Where the demo lives unless told otherwise. */
export const demoFolder = (home: string): string => join(home, 'Demo');

export const demoHandlers = (desk: Desk): Pick<Handlers, 'project.createDemo'> => ({
  'project.createDemo': (request) =>
    desk.jobs.start({ kind: 'demo', title: 'Demo project', scope: 'desk' }, async (control) => {
      const folder = resolve(request.folder ?? demoFolder(desk.facts.home));
      const isThere = holdsProject(folder);
      const report = isThere ? { imported: [], refused: [] } : await makeDemo(desk, folder, request, control);
      await openProject(desk, folder);
      if (!isThere) await bringShippedTeachers(desk, control);
      control.progress(1, isThere ? 'The demo project was there already.' : `${report.imported.length} phantom studies are ready.`);
      return { kind: 'demo', report };
    }),
});

/** How much of the whole is drawing the phantoms, and importing them; the rest is bringing in the teachers that come with the program. */
const drawing = 0.55;
const importing = 0.35;

/** Builds the project beside its place and moves it there when it is complete: half a demo is never found. */
async function makeDemo(desk: Desk, folder: string, request: Parsed<'project.createDemo'>, control: JobControl): Promise<ImportReport> {
  const unfinished = `${folder}.unfinished`;
  const phantoms = await mkdtemp(join(tmpdir(), 'understudy-demo-'));
  try {
    await rm(unfinished, { recursive: true, force: true });
    await drawPhantoms(desk, phantoms, request, control);
    const report = await importPhantoms(desk, phantoms, unfinished, basename(folder), control);
    await rename(unfinished, folder);
    return report;
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined);
    throw asFileError(error, folder);
  } finally {
    await rm(phantoms, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function importPhantoms(desk: Desk, phantoms: string, folder: string, name: string, control: JobControl): Promise<ImportReport> {
  const store = await createStore(folder, { name, isDemo: true });
  try {
    const report = await importPaths(
      { store, compute: desk.compute, paths: [phantoms], onCase: () => undefined },
      { ...control, keep: () => undefined, progress: (fraction, message) => control.progress(drawing + importing * fraction, message) },
    );
    if (report.refused.length > 0) throw appError('JOB_FAILED', 'The demo', report.refused[0].sentence);
    return report;
  } finally {
    store.close();
  }
}

async function drawPhantoms(
  desk: Desk,
  folder: string,
  { seed, cases, labelled, test, variation }: Parsed<'project.createDemo'>,
  control: JobControl,
) {
  control.progress(0, 'Drawing phantom studies');
  const outcome = await desk.compute.run(
    'phantoms',
    { folder, seed, cases, labelled, test, variation },
    { signal: control.signal, onProgress: ({ fraction }) => control.progress(drawing * fraction) },
  );
  if (outcome.state === 'stopped') throw new JobStopped();
}

/** Makes the program's own teachers those of the demo, ready to be asked: they are small, ours, and under the program's licence. */
async function bringShippedTeachers(desk: Desk, control: JobControl): Promise<void> {
  const shipped = await shippedTeachers(desk);
  for (const [at, { path, facts }] of shipped.entries()) {
    const from = drawing + importing + ((1 - drawing - importing) * at) / shipped.length;
    control.progress(from, `Bringing in ${facts.name}`);
    const { teacher } = await importTeacher(desk, { path, family: null }, { signal: control.signal, progress: () => undefined });
    acceptLicence(desk.store(), teacher);
  }
}
