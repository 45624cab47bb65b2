/** The project on the desk: which it is, opening and creating, checking, and its log. */
import { resolve } from 'node:path';
import type { Handlers } from '../../shared/contract';
import type { Project } from '../../shared/domain';
import { checkStore } from '../store/check';
import { appendEvent, listEvents } from '../store/events';
import { getProject } from '../store/project';
import { createStore, openStore } from '../store/store';
import type { Desk } from './desk';

type ProjectHandlers = Pick<Handlers, 'project.get' | 'project.open' | 'project.create' | 'project.check' | 'project.log'>;

export const projectHandlers = (desk: Desk): ProjectHandlers => ({
  'project.get': () => describeProject(desk),

  'project.open': async ({ folder }) => {
    await openProject(desk, folder);
    return describeProject(desk)!;
  },

  'project.create': async ({ folder, name }) => {
    await desk.change(() => createStore(folder, { name, isDemo: false }));
    return describeProject(desk)!;
  },

  'project.check': () => {
    const store = desk.store();
    return desk.jobs.start({ kind: 'check', title: 'Check of the project' }, async ({ signal, progress, keep }) => {
      const report = await checkStore(store, { signal, onProgress: (fraction) => progress(fraction) });
      keep({ kind: 'check', report }); // known even if the disk has no room for the line below
      const sentence = report.ok ? 'The check found no problem.' : `The check found ${report.problems.length} problems.`;
      store.write((db) => appendEvent(db, 'check', sentence));
      progress(1, sentence);
      return { kind: 'check', report };
    });
  },

  'project.log': ({ limit }) => listEvents(desk.store().read, limit),
});

/** The project on the desk as the contract describes it, or null. */
export function describeProject(desk: Desk): Project | null {
  return desk.project && getProject(desk.project.store.read, desk.project.store.folder);
}

/** Opens a project; one that is open already stays as it is. */
export async function openProject(desk: Desk, folder: string): Promise<void> {
  if (desk.project?.store.folder === resolve(folder)) return;
  await desk.change(() => openStore(folder));
}
