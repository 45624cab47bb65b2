/**
 * `demo run` (`npm run demo`) does the whole main job: it makes the demo project, trains one student on a few labels and one that both teachers distil
 * into, writes down how students and teachers see the test cases, and compares all four. With another `--method` it trains that student alone.
 */
import { join } from 'node:path';
import type { Command } from 'commander';
import type { CaseId } from '../../../shared/domain';
import { fail } from '../../../shared/errors';
import type { EvaluationSummary } from '../../../shared/evaluation';
import type { LookScore } from '../../../shared/ledger';
import type { MuduoSettings } from '../../../shared/methods';
import type { Run, TrainSettings } from '../../../shared/runs';
import { demoStages, singleStages } from '../launch/demoStages.mjs';
import { inWords, progressBar } from '../launch/progressBar.mjs';
import { modelCalled } from './choose';
import type { CommonOptions } from './commonOptions';
import { freshFolder, openingCommand, type Phantoms } from './demo';
import { structuresTable } from './evaluate';
import { followJob, followRun } from './follow';
import { settingsFrom } from './methodOptions';
import { pathFrom } from './paths';
import { fixed, printJson, table } from './print';
import { type Session, withWorkbench } from './session';
import { type Bar, moves } from './withBar';

type Options = CommonOptions & Phantoms;
interface Outcome {
  folder: string;
  runs: Run[];
  /** Of each run's student, in the order of the runs. */
  summaries: EvaluationSummary[];
  /** What the teachers of the last run saw; null where nobody was asked. */
  seen: LookScore[] | null;
  report: string;
}

/** What the demo distils by: a few minutes on two cores, where the published settings take days on a graphics card. */
const shortRun = { steps: 800 };
const shortMuduo = {
  begins: 0.85,
  ramp: 0.5,
  consistency: 1,
  generatorSteps: 1000,
  moments: 0,
} satisfies Partial<MuduoSettings>;

export const demoRun = (options: Options, command: Command): Promise<number> =>
  withWorkbench(null, async (session) => {
    const startedAt = Number(process.env.UNDERSTUDY_STARTED_AT) || Date.now();
    if (command.getOptionValue('method') === undefined) command.setOptionValueWithSource('method', 'muduo', 'default');
    const stages = command.getOptionValue('method') === 'muduo' ? demoStages : singleStages;
    const bar = progressBar(stages, { startedAt });
    let outcome: Outcome;
    try {
      outcome = await mainJob(session, bar, options, command);
    } finally {
      bar.close();
    }
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    const { folder, runs, summaries, seen, report } = outcome;
    if (options.json) {
      const students = runs.map(({ id, state, name }, n) => ({ run: id, name, state, evaluation: summaries[n] }));
      printJson({ folder, ...students.at(-1), students, teachers: seen, report, seconds });
    } else print(outcome, seconds);
    return 0;
  });

/** Project, training, prediction, evaluation, the teachers' masks, report. @throws when any of them fails or Ctrl-C ends it. */
async function mainJob(
  session: Session,
  bar: Bar,
  { project, cases, labelled, test, variation }: Options,
  command: Command,
): Promise<Outcome> {
  const { workbench } = session;
  const folder = project ? pathFrom(project) : freshFolder();
  bar.begin('project');
  await followJob(session, 'demo', await workbench.ask('project.createDemo', { folder, cases, labelled, test, variation }), moves(bar));
  const tested = (await workbench.ask('cases.list', {})).filter(({ split }) => split === 'test').map(({ id }) => id);

  const runs: Run[] = [];
  const plans = await plansOf(session, command);
  for (const settings of plans) {
    bar.begin(plans.length > 1 && settings.method === 'supervised' ? 'labels' : 'train');
    runs.unshift(await train(session, bar, settings));
  }
  const last = runs[runs.length - 1];
  const seen = last.settings.method === 'muduo' ? await lookedAt(session, bar, last, tested) : null;
  const summaries = await scored(session, bar, runs, tested);

  bar.begin('report');
  const report = join(folder, 'report.html');
  const { id: model } = await modelCalled(session, String(last.number));
  await followJob(session, 'export', await workbench.ask('report.start', { model, out: report }), moves(bar));
  return { folder, runs, summaries, seen, report };
}

/**
 * Two students for MuDuo, one on labels alone, for who distils must show what it is worth; else the one that was asked for. The last one is shown
 * first: one on labels alone is trained after the other, which leaves it all steps that both have in common.
 */
async function plansOf(session: Session, command: Command): Promise<TrainSettings[]> {
  const asked = await settingsFrom(session, command);
  if (asked.method !== 'muduo') return [asked];
  const given = (name: string) => command.getOptionValueSource(name) === 'cli';
  const lacking = <T extends object>(defaults: T) => Object.fromEntries(Object.entries(defaults).filter(([name]) => !given(name)));
  const { muduo, method: _method, ...own } = { ...asked, ...lacking(shortRun) };
  return [
    { ...own, method: 'muduo', name: 'MuDuo', muduo: { ...muduo, ...lacking(shortMuduo) } },
    { ...own, method: 'supervised', name: 'Labels only' },
  ];
}

async function train(session: Session, bar: Bar, settings: TrainSettings): Promise<Run> {
  const run = await followRun(session, await session.workbench.ask('runs.start', { settings }), {
    onProgress({ stage, step, steps, loss, secondsLeft }) {
      const whose = stage === 'generator' ? 'prompt generator, ' : '';
      bar.update({ fraction: step / steps, secondsLeft, message: `${whose}step ${step} of ${steps}, loss ${fixed(loss, 2)}` });
    },
    onChange: () => undefined,
  });
  if (run.state === 'done') return run;
  return fail('JOB_FAILED', 'Training', run.problem ?? `it ended as ${run.state} at step ${run.step} of ${run.settings.steps}.`);
}

async function scored(session: Session, bar: Bar, runs: readonly Run[], cases: CaseId[]): Promise<EvaluationSummary[]> {
  const { workbench } = session;
  const models = await Promise.all(runs.map(({ number }) => modelCalled(session, String(number))));
  bar.begin('predict');
  for (const { id } of models) await followJob(session, 'predict', await workbench.ask('predict.start', { model: id, cases }), moves(bar));
  bar.begin('evaluate');
  const summaries: EvaluationSummary[] = [];
  for (const { id } of models) {
    summaries.push((await followJob(session, 'evaluate', await workbench.ask('evaluate.start', { model: id, cases }), moves(bar))).summary);
  }
  return summaries;
}

async function lookedAt(session: Session, bar: Bar, run: Run, cases: CaseId[]): Promise<LookScore[]> {
  bar.begin('look');
  return (await followJob(session, 'look', await session.workbench.ask('ledger.look', { run: run.id, cases }), moves(bar))).scores;
}

function print({ folder, summaries, seen, report }: Outcome, seconds: number): void {
  const [{ cases }] = summaries;
  const [first, last] = [summaries[0], summaries[summaries.length - 1]];
  if (seen) {
    console.log(`${cases.length} test cases that no student ever saw, Dice:\n\n${fourTable(first, last, seen)}\n`);
    console.log('The teachers are prompted by the distilled student and its prompt generator, not by a person.');
  } else console.log(`${first.modelName} on ${cases.length} test cases that it never saw:\n\n${structuresTable(first)}\n`);
  console.log(`Report with pictures: ${report}`);
  console.log(`Open the result with: ${openingCommand(folder)}`);
  console.log(`Done in ${inWords(seconds)}.`);
}

/** Per structure, worst of the distilled student first, the mean last. */
function fourTable(labels: EvaluationSummary, distilled: EvaluationSummary, seen: readonly LookScore[]): string {
  const of = ({ structures }: EvaluationSummary, index: number) => structures.find(({ structure }) => structure === index)?.dice ?? null;
  const by = (source: LookScore['source'], index: number) =>
    seen.find((score) => score.source === source && score.structure === index)?.dice ?? null;
  const rows = distilled.structures
    .toSorted((a, b) => a.dice - b.dice)
    .map(({ structure, name, dice }) => ({
      name,
      dice: [of(labels, structure), dice, by('ct', structure), by('pet', structure)],
    }));
  const mean = (column: number) => rows.reduce((sum, { dice }) => sum + (dice[column] ?? 0), 0) / rows.length;
  const titles = ['labels only', 'distilled', 'CT teacher', 'PET teacher'];
  return table(
    [...rows, { name: 'mean', dice: titles.map((_, column) => mean(column)) }],
    [
      { title: 'structure', value: ({ name }) => name },
      ...titles.map((title, column) => ({ title, value: ({ dice }: (typeof rows)[number]) => fixed(dice[column], 3) })),
    ],
  );
}
