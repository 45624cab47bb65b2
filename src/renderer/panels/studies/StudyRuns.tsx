/** The students of one configuration, each with the way to its run. */
import type { Study } from '../../../shared/studies';
import { addressOf } from '../../place';

export function StudyRuns({ study, configuration }: { study: Study; configuration: number }) {
  return (
    <ul className="study-runs" aria-label={`Runs of ${study.configurations[configuration].name}`}>
      {study.runs
        .filter((run) => run.configuration === configuration)
        .map(({ position, seed, budget, state, run, problem }) => (
          <li key={position} title={problem ?? undefined}>
            {run ? <a href={addressOf({ panel: 'runs', id: run })}>seed {seed}</a> : <span>seed {seed}</span>}
            <span className="caption">
              {budget} {budget === 1 ? 'label' : 'labels'} · {state}
            </span>
          </li>
        ))}
    </ul>
  );
}
