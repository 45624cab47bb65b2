/** `train`: starts or resumes a run and follows it to its end. */
import type { Command } from 'commander';
import type { RunId } from '../../../shared/domain';
import type { Run } from '../../../shared/runs';
import { progressBar } from '../launch/progressBar.mjs';
import { runCalled } from './choose';
import type { CommonOptions } from './commonOptions';
import { followRun } from './follow';
import { settingsFrom } from './methodOptions';
import { projectFolder } from './paths';
import { fixed, printJson } from './print';
import { type Session, withWorkbench } from './session';

type Options = CommonOptions & { resume?: string; forecast?: true };

/** Exit code 1 unless the run came to its end. */
export const trainCommand = (options: Options, command: Command): Promise<number> =>
  withWorkbench(projectFolder(options.project), async (session) => {
    const { workbench } = session;
    const settings = await settingsFrom(session, command);
    if (options.forecast) {
      const forecast = await workbench.ask('runs.forecast', { settings });
      if (options.json) printJson(forecast);
      else console.log(forecast.sentence);
      return forecast.fits ? 0 : 1;
    }
    return trained(
      session,
      options.resume ? await resume(session, options.resume) : await workbench.ask('runs.start', { settings }),
      options,
    );
  });

/** Follows a run to its end and says how it ended. @returns the exit code: 1 unless it is done */
export async function trained(session: Session, id: RunId, { json = false }: { json?: boolean }): Promise<number> {
  const run = await follow(session, id, json);
  if (json) {
    const models = (await session.workbench.ask('models.list', {})).filter((model) => model.run === id);
    printJson({
      run: id,
      state: run.state,
      step: run.step,
      bestDice: run.bestDice,
      problem: run.problem,
      models: models.map((model) => model.id),
    });
  } else console.log(ending(run));
  return run.state === 'done' ? 0 : 1;
}

async function resume(session: Session, typed: string): Promise<RunId> {
  const { id } = await runCalled(session, typed);
  await session.workbench.ask('runs.resume', { run: id });
  return id;
}

async function follow(session: Session, id: RunId, asJson: boolean): Promise<Run> {
  const bar = progressBar([{ name: 'train', title: 'Training', seconds: 300 }]);
  bar.begin('train');
  let announcedDice: number | null = null;
  try {
    return await followRun(session, id, {
      onProgress({ stage, step, steps, loss, secondsLeft, busy }) {
        if (asJson) printJson({ run: id, state: 'running', stage, step, steps, loss, secondsLeft, busy });
        const what = stage === 'generator' ? 'prompt generator, ' : '';
        bar.update({ fraction: step / steps, secondsLeft, message: `${what}step ${step} of ${steps}, loss ${fixed(loss, 3)}` });
      },
      onChange({ bestDice }) {
        if (bestDice === null || bestDice === announcedDice) return;
        announcedDice = bestDice;
        bar.say(`Best mean Dice on the validation cases so far: ${fixed(bestDice, 3)}`);
      },
    });
  } finally {
    bar.close();
  }
}

function ending({ number, state, step, settings, checkpointStep, generatorStep, bestDice, problem, trainedSeconds }: Run): string {
  const dice = bestDice === null ? '' : ` Best mean Dice on the validation cases: ${fixed(bestDice, 3)}.`;
  if (state === 'done') return `Run ${number} is done: ${settings.steps} steps in ${Math.round(trainedSeconds)} s.${dice}`;
  const why = problem ? ` ${problem}` : '';
  const saved = checkpointStep > 0 ? `step ${checkpointStep}` : generatorStep > 0 ? `step ${generatorStep} of its prompt generator` : null;
  const how = saved === null ? '' : ` Its checkpoint is of ${saved}; go on with: train --resume ${number}`;
  return `Run ${number} ended as ${state} at step ${step} of ${settings.steps}.${why}${how}`;
}
