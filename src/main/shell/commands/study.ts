/** `study run` and `study report`: a set of configurations over seeds and budgets of labels, from a file that says which; gone on with after any end. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { counted } from '../../../shared/counts';
import { fail, sentenceOf } from '../../../shared/errors';
import { studyPlan } from '../../../shared/schemas';
import type { Study, StudyId, StudyPlan, StudyReport } from '../../../shared/studies';
import { intervalWords, signedNumber } from '../../../shared/studyDrawing';
import { neverFoundWords, seedsBetterWords, trainedOnWords } from '../../../shared/studyWords';
import type { CommonOptions } from './commonOptions';
import { pathFrom, projectFolder } from './paths';
import { fixed, printJson, table } from './print';
import { type Session, withWorkbench } from './session';
import { teacherCalled } from './teachers';
import { jobWithBar } from './withBar';

type RunOptions = CommonOptions & { config?: string; resume?: string };

/** Exit code 1 unless every student was trained and scored. */
export const studyRun = (options: RunOptions): Promise<number> =>
  withWorkbench(projectFolder(options.project), async (session) => {
    const id = await begun(session, options);
    const { job, name } = await studyOf(session, id);
    try {
      if (job) await jobWithBar(session, 'study', `Study ${name}`, async () => job);
    } finally {
      const report = await session.workbench.ask('studies.get', { study: id });
      if (options.json) printJson(report);
      else console.log(`${reportTable(report)}\n\n${ending(report.study)}`);
    }
    return 0;
  });

/** Writes what students scored: a .csv of every score, or a page. */
export const studyReport = (typed: string, options: CommonOptions & { out: string }): Promise<number> =>
  withWorkbench(projectFolder(options.project), async (session) => {
    const { id: study, name } = await studyCalled(session, typed);
    const out = pathFrom(options.out);
    const { files } = await jobWithBar(session, 'export', `Report on ${name}`, () =>
      session.workbench.ask('studies.export', { study, out }),
    );
    if (options.json) printJson({ files });
    else console.log(files.join('\n'));
    return 0;
  });

export const studyList = (options: CommonOptions): Promise<number> =>
  withWorkbench(projectFolder(options.project), async ({ workbench }) => {
    const studies = await workbench.ask('studies.list', {});
    if (options.json) printJson({ studies });
    else if (studies.length === 0) console.log('No studies yet. Begin one: npm run -s cli -- study run --config FILE.json --project DIR');
    else {
      console.log(
        table(studies, [
          { title: 'study', value: ({ number }) => number },
          { title: 'name', value: ({ name }) => name },
          { title: 'state', value: ({ state }) => state },
          { title: 'students', value: ({ runs }) => `${runs.filter(({ state }) => state === 'done').length} of ${runs.length}` },
          { title: 'problem', value: ({ problem }) => problem ?? '' },
        ]),
      );
    }
    return 0;
  });

/** The study to follow: a new one, one that is resumed, or, where the same file was run before, that one gone on with. */
async function begun(session: Session, { config, resume }: RunOptions): Promise<StudyId> {
  if ((config === undefined) === (resume === undefined)) fail('BAD_INPUT', 'say either --config FILE.json or --resume STUDY');
  const { workbench } = session;
  const plan = config === undefined ? null : await planFrom(session, pathFrom(config));
  const known =
    resume === undefined
      ? (await workbench.ask('studies.list', {})).find(({ name }) => name === plan!.name)
      : await studyCalled(session, resume);
  if (!known) return workbench.ask('studies.create', { plan: plan! });
  if (plan && JSON.stringify(plan) !== JSON.stringify(known.plan)) fail('STUDY_EXISTS', known.name);
  if (known.state !== 'done' || !plan) await workbench.ask('studies.resume', { study: known.id });
  return known.id;
}

/** Reads a configuration file. Teachers may be called by name there. @throws FILE_UNREADABLE, BAD_INPUT, NOT_FOUND */
async function planFrom(session: Session, file: string): Promise<StudyPlan> {
  const text = await readFile(file, 'utf8').catch((error) => fail('FILE_UNREADABLE', file, sentenceOf(error)));
  let written: unknown;
  try {
    written = JSON.parse(text);
  } catch (error) {
    fail('FILE_UNREADABLE', file, sentenceOf(error));
  }
  const parsed = studyPlan.safeParse(await withTeachers(session, written));
  return parsed.success ? parsed.data : fail('BAD_INPUT', `${file}: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`);
}

const withNames = z.looseObject({
  configurations: z.array(
    z.looseObject({ muduo: z.looseObject({ teachers: z.record(z.string(), z.string().nullable()).optional() }).optional() }),
  ),
});

/** The same with ids for the names of teachers; anything else is left for the contract to judge. */
async function withTeachers(session: Session, written: unknown): Promise<unknown> {
  const { success, data } = withNames.safeParse(written);
  if (!success) return written;
  for (const { muduo } of data.configurations) {
    if (!muduo?.teachers) continue;
    for (const [side, typed] of Object.entries(muduo.teachers)) {
      if (typed !== null) muduo.teachers[side] = (await teacherCalled(session, typed)).id;
    }
  }
  return data;
}

const studyOf = async ({ workbench }: Session, study: StudyId): Promise<Study> => (await workbench.ask('studies.get', { study })).study;

/** A study by its number, name or id. @throws NOT_FOUND */
async function studyCalled({ workbench }: Session, typed: string): Promise<Study> {
  const studies = await workbench.ask('studies.list', {});
  return studies.find(({ id, name, number }) => [id, name, String(number)].includes(typed)) ?? fail('NOT_FOUND', `study ${typed}`);
}

/** Configurations by budget, with what they differ from the first one, and below what they never found. */
function reportTable(report: StudyReport): string {
  const { study, structures, groups, comparisons } = report;
  const missed = groups.flatMap((group) => {
    const words = neverFoundWords(group, structures);
    return words ? [`  ${titleOf(study, group)}: ${words}`] : [];
  });
  const scores = table(groups, [
    { title: 'configuration', value: ({ configuration }) => study.configurations[configuration].name },
    { title: 'labels', value: ({ budget }) => budget },
    { title: 'seeds', value: ({ diceBySeed }) => diceBySeed.length },
    { title: 'Dice', value: ({ dice }) => fixed(dice?.mean ?? null, 3) },
    { title: 'HD95, mm', value: ({ means }) => fixed(means?.hd95Mm ?? null, 1) },
    {
      title: `difference to ${study.configurations[0].name}, 95 % interval`,
      value: ({ configuration, budget }) => {
        const dice = comparisons.find((one) => one.configuration === configuration && one.budget === budget)?.dice;
        if (!dice) return '';
        return `${signedNumber(dice.mean, 3)} (${intervalWords(dice, 3)}), ${dice.verdict}, ${seedsBetterWords(dice)}`;
      },
    },
  ]);
  const trainedOn = trainedOnWords(report);
  return [scores, ...(missed.length > 0 ? ['', 'Never found:', ...missed] : []), ...(trainedOn ? ['', trainedOn] : [])].join('\n');
}

const titleOf = ({ configurations }: Study, { configuration, budget }: StudyReport['groups'][number]): string =>
  `${configurations[configuration].name}, ${counted(budget, 'label')}`;

function ending({ number, name, state, runs }: Study): string {
  const done = runs.filter((run) => run.state === 'done').length;
  const how = state === 'done' ? '' : ` Go on with: study run --resume ${number}`;
  return `Study ${number} (${name}) is ${state}: ${done} of ${runs.length} students trained and scored.${how}`;
}
