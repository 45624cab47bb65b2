/** `demo create` makes the demo project; `demo run` (`npm run demo`) does the whole main job with it and writes a report. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { EvaluationSummary, PhantomVariation, Run } from '../../../shared/domain';
import { fail } from '../../../shared/errors';
import { describeInstallation } from '../installation';
import { demoStages } from '../launch/demoStages.mjs';
import { inWords, progressBar } from '../launch/progressBar.mjs';
import { modelCalled } from './choose';
import type { CommonOptions } from './commonOptions';
import { structuresTable } from './evaluate';
import { followJob, followRun } from './follow';
import { settingsFrom } from './methodOptions';
import { pathFrom } from './paths';
import { fixed, printJson } from './print';
import { type Session, withWorkbench } from './session';
import { type Bar, jobWithBar, moves } from './withBar';

type Phantoms = { cases?: number; labelled?: number; test?: number; variation?: PhantomVariation };
type CreateOptions = CommonOptions & Phantoms & { seed?: number };

export const demoCreate = (options: CreateOptions): Promise<number> =>
  withWorkbench(null, async (session) => {
    const { seed, cases, labelled, test, variation } = options;
    const folder = options.project ? pathFrom(options.project) : freshFolder();
    const start = () => session.workbench.ask('project.createDemo', { folder, seed, cases, labelled, test, variation });
    const { report } = await jobWithBar(session, 'demo', 'Making the demo project', start);
    if (options.json) printJson({ folder, ...report });
    else console.log(`The demo project is in ${folder}. Open it with: ${openingCommand(folder)}`);
    return 0;
  });

interface Outcome {
  folder: string;
  run: Run;
  summary: EvaluationSummary;
  report: string;
}

export const demoRun = (options: CommonOptions & Phantoms, command: Command): Promise<number> =>
  withWorkbench(null, async (session) => {
    const startedAt = Number(process.env.UNDERSTUDY_STARTED_AT) || Date.now();
    const bar = progressBar(demoStages, { startedAt });
    let outcome: Outcome;
    try {
      outcome = await mainJob(session, bar, options, command);
    } finally {
      bar.close();
    }
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    if (options.json) {
      const { folder, run, summary, report } = outcome;
      printJson({ folder, run: run.id, state: run.state, evaluation: summary, report, seconds });
    } else print(outcome, seconds);
    return 0;
  });

/** Project, training, prediction, evaluation, report. @throws when any of them fails or Ctrl-C ends it. */
async function mainJob(
  session: Session,
  bar: Bar,
  { project, cases, labelled, test, variation }: CommonOptions & Phantoms,
  command: Command,
): Promise<Outcome> {
  const { workbench } = session;
  const folder = project ? pathFrom(project) : freshFolder();

  bar.begin('project');
  await followJob(session, 'demo', await workbench.ask('project.createDemo', { folder, cases, labelled, test, variation }), moves(bar));

  bar.begin('train');
  const settings = await settingsFrom(session, command);
  const run = await train(session, bar, await workbench.ask('runs.start', { settings }));

  bar.begin('predict');
  const model = await modelCalled(session, String(run.number));
  const tested = (await workbench.ask('cases.list', {})).filter(({ split }) => split === 'test').map(({ id }) => id);
  await followJob(session, 'predict', await workbench.ask('predict.start', { model: model.id, cases: tested }), moves(bar));

  bar.begin('evaluate');
  const { summary } = await followJob(
    session,
    'evaluate',
    await workbench.ask('evaluate.start', { model: model.id, cases: tested }),
    moves(bar),
  );

  bar.begin('report');
  const report = join(folder, 'report.html');
  await followJob(session, 'export', await workbench.ask('report.start', { model: model.id, out: report }), moves(bar));
  return { folder, run, summary, report };
}

async function train(session: Session, bar: Bar, id: Run['id']): Promise<Run> {
  const run = await followRun(session, id, {
    onProgress({ step, steps, loss, secondsLeft }) {
      bar.update({ fraction: step / steps, secondsLeft, message: `step ${step} of ${steps}, loss ${fixed(loss, 2)}` });
    },
    onChange: () => undefined,
  });
  if (run.state === 'done') return run;
  return fail('JOB_FAILED', 'Training', run.problem ?? `it ended as ${run.state} at step ${run.step} of ${run.settings.steps}.`);
}

function print({ folder, summary, report }: Outcome, seconds: number): void {
  console.log(`${summary.modelName} on ${summary.cases.length} test cases that it never saw:\n\n${structuresTable(summary)}\n`);
  console.log(`Report with pictures: ${report}`);
  console.log(`Open the result with: ${openingCommand(folder)}`);
  console.log(`Done in ${inWords(seconds)}.`);
}

/** `Demo` in the person's folder, or `Demo 2` and so on where that is taken. */
function freshFolder(): string {
  const { home } = describeInstallation({ isDesktop: false });
  for (let number = 1; ; number++) {
    const folder = join(home, number === 1 ? 'Demo' : `Demo ${number}`);
    if (!existsSync(folder)) return folder;
  }
}

const openingCommand = (folder: string): string =>
  `npm start -- --project ${/^[\w./\\:-]+$/.test(folder) ? folder : JSON.stringify(folder)}`;
