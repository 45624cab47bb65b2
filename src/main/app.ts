/** Composition root: a project's store, the compute process and the services become one function, Request → Response. */
import { join } from 'node:path';
import { type Ask, calls, type Handlers, type Output } from '../shared/contract';
import { fail } from '../shared/errors';
import type { Announcement } from '../shared/events';
import { type LaunchCompute, startCompute } from './compute/host';
import { autopetOrganHandlers } from './services/autopetOrgan';
import { caseHandlers } from './services/cases';
import { demoHandlers } from './services/demo';
import { openDesk } from './services/desk';
import { evaluateHandlers } from './services/evaluating';
import { exportHandlers } from './services/exporting';
import { importHandlers } from './services/importing';
import { infoHandlers } from './services/info';
import { labelHandlers } from './services/labelEdits';
import { ledgerHandlers } from './services/ledger';
import { lookHandlers } from './services/ledgerLook';
import { predictHandlers } from './services/predicting';
import { openProject, projectHandlers } from './services/projects';
import { startPrompting } from './services/prompting';
import { reportHandlers } from './services/reporting';
import { runHandlers } from './services/runs';
import { studyHandlers } from './services/studies';
import { teacherHandlers } from './services/teachers';
import { router } from './shell/router';
import { locateFile } from './store/files';

/** Where this program is installed and how it was started. */
export interface Installation {
  /** Folder of the built main entries. */
  main: string;
  renderer: string;
  resources: string;
  version: string;
  isDesktop: boolean;
  /** Folder for projects and settings. */
  home: string;
  /** How the compute process is started; Node's `fork` unless given. */
  launchCompute?: LaunchCompute;
}

export interface Workbench {
  ask: Ask;
  /** `POST /ask/<name>`, `GET /bytes/<hash>`; anything else is 404. */
  handle(request: Request): Promise<Response>;
  /** Calls back with every announcement; returns how to stop. */
  listen(hear: (announcement: Announcement) => void): () => void;
  /** Stops jobs and the run at its next step, with a checkpoint; closes the project and the compute process. */
  close(): Promise<void>;
}

/** Starts the core, with a project or without. @throws what `project.open` throws, when a folder is given */
export async function openWorkbench(installation: Installation, folder: string | null): Promise<Workbench> {
  const listeners = new Set<(announcement: Announcement) => void>();
  const entry = join(installation.main, 'compute.js');
  const compute = startCompute(entry, installation.launchCompute);
  const prompter = startCompute(entry, installation.launchCompute);
  const { version, isDesktop, home, resources } = installation;
  const desk = openDesk({ version, isDesktop, home, resources }, compute, (announcement) => {
    for (const hear of listeners) hear(announcement);
  });
  const prompting = startPrompting(desk, prompter);
  const handlers: Handlers = {
    ...infoHandlers(desk),
    ...projectHandlers(desk),
    ...demoHandlers(desk),
    ...caseHandlers(desk),
    ...importHandlers(desk),
    ...autopetOrganHandlers(desk),
    ...runHandlers(desk),
    ...predictHandlers(desk),
    ...evaluateHandlers(desk),
    ...exportHandlers(desk),
    ...reportHandlers(desk),
    ...teacherHandlers(desk),
    ...labelHandlers(desk),
    ...ledgerHandlers(desk),
    ...lookHandlers(desk),
    ...studyHandlers(desk),
    ...prompting.handlers,
  };

  async function close(): Promise<void> {
    await desk.jobs.stopAll();
    await prompter.close();
    await desk.change(null);
    await compute.close();
  }
  if (folder !== null) {
    await openProject(desk, folder).catch(async (error) => {
      await close();
      throw error;
    });
  }
  return {
    ask: askThrough(handlers),
    handle: router(handlers, (hash) => {
      const store = desk.store();
      return prompting.locate(hash) ?? locateFile(store.read, store.folder, hash);
    }),
    listen(hear) {
      listeners.add(hear);
      return () => listeners.delete(hear);
    },
    close,
  };
}

/** The same questions without a request around them, for the command line. Input is checked here as it is in the router. */
function askThrough(handlers: Handlers): Ask {
  return async (name, input) => {
    const parsed = calls[name].input.safeParse(input);
    if (!parsed.success) fail('BAD_INPUT', parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
    const answer = handlers[name] as (input: unknown) => unknown;
    return (await answer(parsed.data)) as Output<typeof name>;
  };
}
