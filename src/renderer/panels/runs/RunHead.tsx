/** The chosen run in words: state, progress, what went wrong and the one click that goes on. */
import type { Model } from '../../../shared/domain';
import { methodFacts, methodTitles } from '../../../shared/methodWords';
import type { Run, TrainSettings } from '../../../shared/runs';
import { useAnswer } from '../../answers';
import { ask } from '../../api';
import { addressOf } from '../../place';
import { Action } from '../../ui/Action';
import { dice, duration, timeLeft, whole } from '../../ui/numbers';
import { ProgressBar } from '../../ui/ProgressBar';
import { useRunProgress } from '../../ui/runProgress';
import { changedFrom } from './fields';
import { predictAndEvaluate } from './predictAndEvaluate';
import { mayResume, mayStop, stateWords, titleOf } from './runStates';

export function RunHead({ run, defaults }: { run: Run; defaults: TrainSettings }) {
  const { stage, step, steps, secondsLeft, busy } = useRunProgress(run);
  const { data: teachers } = useAnswer('teachers.list', {}, ['teachers.changed']);
  const facts = methodFacts(run.settings, (id) => teachers?.find((teacher) => teacher.id === id)?.name ?? 'a teacher that was removed');
  const { word, tone } = stateWords[run.state];
  const changed = changedFrom(defaults, run.settings);
  return (
    <section className="card run-head" aria-label={`Run ${run.number}`}>
      <header>
        <h2>{titleOf(run)}</h2>
        <span className="row">
          <span className="badge" data-tone={tone}>
            <span className="dot" data-tone={tone} /> {word}
          </span>
          {mayStop(run) && <Action onAct={() => ask('runs.stop', { run: run.id })}>Stop</Action>}
          {mayResume(run) && (
            <Action kind="primary" onAct={() => ask('runs.resume', { run: run.id })}>
              {resumeWords(run)}
            </Action>
          )}
          <Use run={run} />
        </span>
      </header>
      {run.problem && (
        <p className="message" data-tone={run.state === 'failed' ? 'bad' : 'caution'} role="alert">
          {run.problem}
        </p>
      )}
      {run.state !== 'done' && <ProgressBar fraction={run.state === 'queued' ? null : step / steps} label={`Run ${run.number}`} />}
      <p className="run-facts">
        <span>
          {stage === 'generator' ? 'Prompt generator: step' : 'Step'} {whole(step)} of {whole(steps)}
        </span>
        {run.state === 'running' && <span>{timeLeft(secondsLeft)}</span>}
        {busy && <span>{busy}</span>}
        {run.checkpointStep > 0 && <span>checkpoint at step {whole(run.checkpointStep)}</span>}
        {run.trainedSeconds >= 1 && <span>trained {duration(run.trainedSeconds)}</span>}
        {run.bestDice !== null && <span>best Dice {dice(run.bestDice)}</span>}
        <span>
          {run.cases.training.length} training
          {run.cases.unlabelled.length > 0 && ` · ${run.cases.unlabelled.length} unlabelled`} · {run.cases.validation.length} validation
        </span>
        {run.device && <span>{run.device}</span>}
      </p>
      <p className="caption" title={facts.map(([label, value]) => `${label}: ${value}`).join('\n')}>
        {methodTitles[run.method]}
        {facts.length > 0 && ` (${facts.map(([label, value]) => `${label}: ${value}`).join(', ')})`}.{' '}
        {changed.length === 0
          ? 'All settings are the defaults.'
          : `Changed: ${changed.map(({ label, value }) => `${label.toLowerCase()} ${value}`).join(', ')}.`}
      </p>
    </section>
  );
}

function resumeWords({ checkpointStep, generatorStep }: Run): string {
  if (checkpointStep > 0) return `Resume from step ${whole(checkpointStep)}`;
  return generatorStep > 0 ? 'Resume from its prompt generator' : 'Start again';
}

/** What a finished model is for: masks and scores on cases it has never seen. */
function Use({ run }: { run: Run }) {
  const { data: models } = useAnswer('models.list', {}, ['models.changed']);
  const { data: evaluations } = useAnswer('evaluations.list', {}, ['evaluations.changed']);
  const model = bestOf(run, models);
  if (!model || run.state === 'running' || run.state === 'queued') return null;
  if (evaluations?.some((summary) => summary.model === model.id)) {
    return (
      <a className="button" href={addressOf({ panel: 'results', id: model.id })}>
        See its results
      </a>
    );
  }
  return (
    <Action kind={run.state === 'done' ? 'primary' : undefined} onAct={() => predictAndEvaluate(model.id)}>
      Predict and evaluate
    </Action>
  );
}

const bestOf = (run: Run, models: Model[] | undefined) => {
  const own = models?.filter((model) => model.run === run.id);
  return own?.find(({ which }) => which === 'best') ?? own?.at(-1);
};
