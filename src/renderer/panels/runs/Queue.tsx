/** All runs: what runs, what waits, what ended and how. */
import type { Run } from '../../../shared/runs';
import { ask } from '../../api';
import { addressOf } from '../../place';
import { Action } from '../../ui/Action';
import { Icon } from '../../ui/icons';
import { dice, timeLeft, whole } from '../../ui/numbers';
import { useRunProgress } from '../../ui/runProgress';
import { inQueueOrder, mayResume, mayStop, stateWords, titleOf } from './runStates';

export function Queue({ runs, chosen }: { runs: Run[]; chosen: Run | undefined }) {
  return (
    <section className="card" aria-label="Queue">
      <header>
        <h2>Queue</h2>
        <p>one run at a time; choose one to see its curves</p>
      </header>
      <div className="scroller queue">
        <table>
          <thead>
            <tr>
              <th scope="col">Run</th>
              <th scope="col" className="number">
                Step
              </th>
              <th scope="col" className="number">
                Dice
              </th>
              <th scope="col">State</th>
              <th scope="col">
                <span className="visually-hidden">What can be done</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {inQueueOrder(runs).map((run) => (
              <QueueRow key={run.id} run={run} isChosen={run.id === chosen?.id} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function QueueRow({ run, isChosen }: { run: Run; isChosen: boolean }) {
  const { step, secondsLeft } = useRunProgress(run);
  const { word, tone } = stateWords[run.state];
  return (
    <tr data-chosen={isChosen} className="pickable">
      <td>
        <a className="run-link" href={addressOf({ panel: 'runs', id: run.id })} aria-current={isChosen || undefined}>
          <span className="ellipsis">{titleOf(run)}</span>
        </a>
      </td>
      <td className="number">{step === 0 ? '–' : whole(step)}</td>
      <td className="number">{dice(run.bestDice)}</td>
      <td>
        <span className="row numeric" title={run.state === 'running' ? timeLeft(secondsLeft) : (run.problem ?? undefined)}>
          <span className="dot" data-tone={tone} /> {word}
        </span>
      </td>
      <td className="number">
        {mayStop(run) && (
          <Action kind="quiet" label={`Stop run ${run.number}`} onAct={() => ask('runs.stop', { run: run.id })}>
            <Icon name="stop" />
          </Action>
        )}
        {mayResume(run) && (
          <Action kind="quiet" label={`Resume run ${run.number}`} onAct={() => ask('runs.resume', { run: run.id })}>
            <Icon name="play" />
          </Action>
        )}
      </td>
    </tr>
  );
}
