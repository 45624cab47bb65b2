/** Lets a finished student and the teachers of its run look at cases: what each of them sees there, stored one case after the other. */
import { putToWork } from '../../methods/muduo/atWork';
import { opinionsBy } from '../../methods/muduo/course';
import { rulesOf } from '../../methods/muduo/rules';
import { readWeights } from '../../methods/training/checkpoint';
import { type JobCode, Stopped } from '../protocol';
import { networkOf, openStudent, patchDims } from '../student';
import { keepLook } from '../training/looking';
import { companyOf, storedGenerator, viewsOf } from '../training/muduo';
import { sessionsAt } from '../training/sessions';

export const look: JobCode<'look'> = async ({ weights, spec, folder, muduo, teachers, cases, store, threads, device }, context) => {
  const parameters = await readWeights(weights);
  const sessions = sessionsAt({ device, threads });
  const student = await openStudent(spec, parameters, threads);
  const breathe = async () => {
    await context.breathe();
    if (context.stopped) throw new Stopped();
  };
  try {
    const company = await companyOf({ teachers, training: cases, device }, teachers.pet && (await storedGenerator(folder)));
    const rules = rulesOf(muduo);
    const networks = { ...company, student: networkOf(spec), patch: patchDims(spec), crops: muduo.unlabelled };
    const asked = await putToWork(networks, rules, () => parameters, sessions.load);
    const opinions = opinionsBy({ asked, petChannel: company.petChannel }, rules);
    const views = viewsOf({ teachers, training: cases });
    for (const [at, one] of cases.entries()) {
      context.report({ kind: 'fraction', fraction: at / cases.length, message: `${one.name} (${at + 1} of ${cases.length})` });
      const kept = await keepLook(store, one, { spec, student, views, opinions, crops: muduo.unlabelled, breathe });
      context.report({ kind: 'moment', case: one.id, ...kept });
    }
    return { cases: cases.length };
  } finally {
    await student.release();
    await sessions.release();
  }
};
