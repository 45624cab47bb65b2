/** The moments of a run: after some steps, unlabelled cases are kept as the student and its teachers saw them then. */
import type { StudentSpec } from '../../../shared/domain';
import { stepsAlone } from '../../../shared/methods';
import type { TrainSettings } from '../../../shared/runs';
import { momentSteps } from '../../methods/training/moments';
import type { JobContext, Spec } from '../protocol';
import { openStudent } from '../student';
import { keepLook } from './looking';
import { viewsOf } from './muduo';
import type { Stage } from './stage';

/** Each case takes a whole prediction, and its teachers about as long again: the first few by name must do. */
const mostCases = 4;

/** How many times a run looks at a case, at most: where there are fewer cases, less often. */
export const mostLooks = (settings: TrainSettings): number => (settings.method === 'muduo' ? settings.muduo.moments * mostCases : 0);

/** What a run does after each step to keep its moments; undefined where it keeps none. A moment that was begun is finished before a stop. */
export function momentsOf(job: Spec<'train'>, spec: StudentSpec, talk: JobContext<'train'>): Stage['look'] {
  const { settings, unlabelled, store, threads } = job;
  if (settings.method !== 'muduo' || !settings.muduo.moments) return undefined;
  const alone = stepsAlone(settings);
  const steps = new Set(momentSteps(settings.steps - alone, settings.muduo.moments).map((step) => alone + step));
  const views = viewsOf(job);
  return async (step, parameters, course) => {
    if (!steps.has(step)) return;
    const student = await openStudent(spec, parameters(), threads);
    try {
      for (const one of unlabelled.slice(0, mostCases)) {
        const looking = { spec, student, views, opinions: course.opinions, crops: settings.muduo.unlabelled, breathe: talk.breathe };
        talk.report({ kind: 'moment', step, case: one.id, ...(await keepLook(store, one, looking)) });
      }
    } finally {
      await student.release();
    }
  };
}
