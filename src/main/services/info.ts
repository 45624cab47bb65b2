/** Facts about this installation and machine, and the lists that live in memory. */
import { availableParallelism, cpus, totalmem } from 'node:os';
import type { Handlers } from '../../shared/contract';
import { listModels } from '../store/models';
import { demoFolder } from './demo';
import type { Desk } from './desk';

export const infoHandlers = (
  desk: Desk,
): Pick<Handlers, 'app.info' | 'devices.list' | 'models.list' | 'jobs.list' | 'jobs.get' | 'jobs.stop'> => ({
  'app.info': () => ({
    version: desk.facts.version,
    isDesktop: desk.facts.isDesktop,
    device: cpus()[0]?.model.trim() || 'CPU',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    projectsFolder: desk.facts.home,
    demoFolder: demoFolder(desk.facts.home),
  }),
  'devices.list': ({ again }) => {
    // Trying devices would wait for the run on the thread that trains.
    if (desk.project?.trainer.running) return [...desk.devices.known];
    return desk.devices.all(again);
  },
  'models.list': () => listModels(desk.store().read),
  'jobs.list': () => desk.jobs.list(),
  'jobs.get': ({ job }) => desk.jobs.get(job),
  'jobs.stop': ({ job }) => desk.jobs.stop(job),
});
