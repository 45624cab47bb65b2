/** Runs: the form and the queue on the left, the chosen run with its curves on the right. */
import './runs.css';
import type { Project } from '../../../shared/domain';
import type { Run } from '../../../shared/runs';
import { useAnswer } from '../../answers';
import { usePlace } from '../../place';
import { Answered } from '../../ui/Answered';
import { EmptyState } from '../../ui/EmptyState';
import { counted } from '../../ui/numbers';
import { ImportButton } from '../cases/ImportButton';
import type { RunDefaults } from './draft';
import { Queue } from './Queue';
import { RunCharts } from './RunCharts';
import { RunForm } from './RunForm';
import { RunHead } from './RunHead';
import { inQueueOrder } from './runStates';
import { useRunDefaults } from './useRunDefaults';

export function RunsPanel() {
  const project = useAnswer('project.get', {}, ['project.changed', 'cases.changed']);
  const defaults = useRunDefaults();
  const runs = useAnswer('runs.list', {}, ['run.changed']);
  return (
    <Answered answer={project} what="the project">
      {(open) => (
        <Answered answer={defaults} what="the defaults">
          {(settings) => (
            <Answered answer={runs} what="the runs">
              {(list) => open && <Runs project={open} defaults={settings} runs={list} />}
            </Answered>
          )}
        </Answered>
      )}
    </Answered>
  );
}

function Runs({ project, defaults, runs }: { project: Project; defaults: RunDefaults; runs: Run[] }) {
  const place = usePlace();
  const { labelled } = project.counts;
  const chosen = runs.find(({ id }) => id === place.id) ?? inQueueOrder(runs)[0];
  return (
    <div className="columns">
      <div>
        <RunForm
          key={JSON.stringify(defaults, (key, value) => (key === 'name' ? null : value))}
          defaults={defaults}
          project={project}
          isTraining={runs.some(({ state }) => state === 'running')}
        />
      </div>
      <div className="run-view">
        {chosen ? (
          <>
            <RunHead run={chosen} defaults={defaults[chosen.method]} />
            <RunCharts key={chosen.id} run={chosen} runs={runs} structures={project.structures} />
            <Queue runs={runs} chosen={chosen} />
          </>
        ) : (
          <section className="card">
            <EmptyState title="Loss and validation appear here" actions={labelled === 0 && <ImportButton />}>
              {labelled === 0
                ? 'A student learns from labelled cases, and there are none yet. Import a data set that comes with labels.'
                : `Start a run on the left. The student learns from ${counted(labelled, 'labelled case')}; its curves grow while it trains, and it can be stopped and resumed at any time.`}
            </EmptyState>
          </section>
        )}
      </div>
    </div>
  );
}
