/** What every service works with: the machine's facts, the compute process, the job list, announcements, and the open project. */
import { fail } from '../../shared/errors';
import type { Announcement, EventName, Events } from '../../shared/events';
import type { Compute } from '../compute/host';
import type { Store } from '../store/store';
import { type DeviceList, deviceList } from './devices';
import { type JobList, jobList } from './jobs';
import { startTrainer, type Trainer } from './trainer';

/** Facts about this installation. */
export interface Facts {
  version: string;
  isDesktop: boolean;
  /** Folder for projects and settings. */
  home: string;
  /** Folder of what comes with the program. */
  resources: string;
}

export interface OpenProject {
  readonly store: Store;
  readonly trainer: Trainer;
}

export interface Desk {
  readonly facts: Facts;
  readonly compute: Compute;
  readonly jobs: JobList;
  readonly devices: DeviceList;
  announce<K extends EventName>(name: K, data: Events[K]): void;
  /** Calls back with every announcement, for services that wait for others; returns how to stop. */
  listen(hear: (announcement: Announcement) => void): () => void;
  /** The project on the desk, or null. */
  readonly project: OpenProject | null;
  /** The open project's store. @throws NO_PROJECT */
  store(): Store;
  /** @throws NO_PROJECT */
  trainer(): Trainer;
  /** Puts another project on the desk (or none), once what works on the old one has stopped and saved. */
  change(next: (() => Promise<Store>) | null): Promise<void>;
}

export function openDesk(facts: Facts, compute: Compute, hear: (announcement: Announcement) => void): Desk {
  let project: OpenProject | null = null;
  let changing: Promise<void> = Promise.resolve();
  const listeners = new Set([hear]);
  const announce: Desk['announce'] = (name, data) => {
    for (const tell of [...listeners]) tell({ name, data } as Announcement);
  };
  const devices = deviceList(compute, facts.version);
  const jobs = jobList((job) => announce('job.changed', { job }));

  /** The next project is opened first: when it cannot be, the one on the desk stays. */
  async function exchange(next: (() => Promise<Store>) | null): Promise<void> {
    const store = await next?.();
    const old = project;
    if (old) {
      await Promise.all([jobs.stopAll('project'), old.trainer.close()]);
      project = null;
      old.store.close();
    }
    if (store) project = { store, trainer: startTrainer({ store, compute, devices, announce, program: facts.version }) };
    announce('project.changed', {});
  }

  return {
    facts,
    compute,
    jobs,
    devices,
    announce,
    listen(tell) {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    get project() {
      return project;
    },
    store: () => (project ?? fail('NO_PROJECT')).store,
    trainer: () => (project ?? fail('NO_PROJECT')).trainer,
    change(next) {
      const turn = changing.then(() => exchange(next));
      changing = turn.catch(() => undefined);
      return turn;
    },
  };
}
