/** Studies: made, listed, compared, stopped, resumed and written out. A job conducts each, one study at a time. */
import { randomUUID } from 'node:crypto';
import { extname } from 'node:path';
import type { Handlers } from '../../shared/contract';
import type { JobId } from '../../shared/domain';
import { fail, sentenceOf } from '../../shared/errors';
import type { Study, StudyId, StudyReport } from '../../shared/studies';
import { writeDurably } from '../files/durable';
import { appendEvent } from '../store/events';
import { getProject } from '../store/project';
import { listStructures } from '../store/structures';
import { devicesOfStudy, getStudy, insertStudy, listStudies, type StoredStudy, scoresOfStudy, setStudyState } from '../store/studies';
import { listTeachers } from '../store/teachers';
import type { Desk } from './desk';
import { JobStopped } from './jobs';
import { casePictures } from './studies/casePictures';
import { conduct } from './studies/conducting';
import { studyPage } from './studies/page';
import { completePlan } from './studies/planning';
import { reportOf } from './studies/results';
import { scoresTable } from './studies/scoresTable';

type StudyHandlers = Pick<
  Handlers,
  'studies.list' | 'studies.get' | 'studies.create' | 'studies.stop' | 'studies.resume' | 'studies.export'
>;

export function studyHandlers(desk: Desk): StudyHandlers {
  /** Jobs that conduct a study now. */
  const jobs = new Map<StudyId, JobId>();

  /** Null once its job has ended, were it before its work began. */
  function jobOf(id: StudyId): JobId | null {
    const job = desk.jobs.list().find((one) => one.id === jobs.get(id));
    return job && (job.state === 'queued' || job.state === 'running') ? job.id : null;
  }

  /** A study that its row calls running without a job was left behind by a program that ended. */
  function withJob(stored: StoredStudy): Study {
    const job = jobOf(stored.id);
    return { ...stored, job, state: stored.state === 'running' && job === null ? 'interrupted' : stored.state };
  }
  const studyOf = (id: StudyId): Study => withJob(getStudy(desk.store().read, id));

  function end(id: StudyId, state: 'stopped' | 'failed' | 'done', problem: string | null): void {
    jobs.delete(id);
    desk.store().write((db) => {
      setStudyState(db, id, state, problem);
      appendEvent(db, 'study', `Study ${getStudy(db, id).name}: ${problem ?? (state === 'done' ? 'Finished.' : 'Stopped.')}`);
    });
    desk.announce('study.changed', { study: id });
  }

  function begin({ id, name }: Pick<Study, 'id' | 'name'>): void {
    desk.store().write((db) => setStudyState(db, id, 'running'));
    const job = desk.jobs.start({ kind: 'study', title: `Study ${name}` }, async (control) => {
      try {
        await conduct(desk, id, control);
        end(id, 'done', null);
        return { kind: 'study', study: id };
      } catch (error) {
        const wasStopped = error instanceof JobStopped;
        end(id, wasStopped ? 'stopped' : 'failed', wasStopped ? null : sentenceOf(error));
        throw error;
      }
    });
    jobs.set(id, job);
    desk.announce('study.changed', { study: id });
  }

  function report(id: StudyId): StudyReport {
    const { read } = desk.store();
    return reportOf(studyOf(id), { structures: listStructures(read), devices: devicesOfStudy(read, id) }, scoresOfStudy(read, id));
  }

  return {
    'studies.list': () => listStudies(desk.store().read).map(withJob),

    'studies.get': ({ study }) => report(study),

    'studies.create': ({ plan }) => {
      const store = desk.store();
      const { configurations, budgets } = completePlan(store, plan);
      const id = randomUUID() as string as StudyId;
      store.write((db) => {
        insertStudy(db, { id, plan, configurations, budgets });
        const students = configurations.length * budgets.length * plan.seeds.length;
        appendEvent(db, 'study', `Study ${plan.name} was queued with ${students} students.`);
      });
      begin({ id, name: plan.name });
      return id;
    },

    'studies.stop': ({ study: id }) => {
      const { state, job } = studyOf(id);
      if (job === null) fail('STUDY_STATE', 'stopped', state);
      const isWaiting = desk.jobs.get(job).state === 'queued';
      desk.jobs.stop(job);
      if (isWaiting) end(id, 'stopped', null); // its work never begins, so nobody else would write it down
    },

    'studies.resume': ({ study: id }) => {
      const study = studyOf(id);
      if (study.job !== null || study.state === 'done') fail('STUDY_STATE', 'resumed', study.state);
      begin(study);
    },

    'studies.export': ({ study: id, out }) => {
      const store = desk.store();
      const { name } = studyOf(id);
      const students = scoresOfStudy(store.read, id);
      if (students.length === 0) fail('STUDY_NO_SCORES', name);
      return desk.jobs.start({ kind: 'export', title: `Report on ${name}` }, async (control) => {
        const found = report(id);
        const text =
          extname(out).toLowerCase() === '.csv'
            ? scoresTable(found, students)
            : studyPage({
                report: found,
                pictures: await casePictures(desk, store, found.study, students, control),
                project: getProject(store.read, store.folder),
                teachers: listTeachers(store.read),
                version: desk.facts.version,
              });
        await writeDurably(out, Buffer.from(text));
        store.write((db) => appendEvent(db, 'export', `A report on study ${name} was written to ${out}.`));
        control.progress(1, `The report is ${out}`);
        return { kind: 'export', files: [out] };
      });
    },
  };
}
