/** Loss and validation of a run as it goes, each saying what it was computed on. */
import { useMemo, useState } from 'react';
import type { RunId, Structure } from '../../../shared/domain';
import type { MethodName } from '../../../shared/methods';
import type { Curves, Run } from '../../../shared/runs';
import { useAnswer } from '../../answers';
import { Answered } from '../../ui/Answered';
import { Chart, type Line } from '../../ui/Chart';
import { counted, whole } from '../../ui/numbers';
import { LossCard } from './LossCard';
import { MethodCharts } from './MethodCharts';
import { alignCurves } from './reduceCurve';
import { titleOf } from './runStates';
import { StructureDice } from './StructureDice';
import { Waiting } from './Waiting';

export function RunCharts({ run, runs, structures }: { run: Run; runs: Run[]; structures: Structure[] }) {
  const answer = useAnswer('runs.curves', { run: run.id }, ['run.changed', 'run.progress']);
  return (
    <Answered answer={answer} what="the curves">
      {(curves) => (
        <>
          <LossCard run={run} curves={curves} title="Loss" stage="" on={lossOn[run.method]} steps={run.settings.steps} />
          <ValidationCard run={run} runs={runs} curves={curves} />
          <StructureDice run={run} curves={curves} structures={structures} />
          <MethodCharts run={run} curves={curves} />
        </>
      )}
    </Answered>
  );
}

/** What the losses of a method are computed on. */
const lossOn: Record<MethodName, string> = {
  supervised: 'on training patches',
  meanTeacher: 'on labelled patches, consistency on unlabelled ones',
  muduo: 'on labelled patches, consistency on unlabelled ones',
};

function ValidationCard({ run, runs, curves }: { run: Run; runs: Run[]; curves: Curves }) {
  const [against, setAgainst] = useState<RunId | ''>('');
  const others = runs.filter(({ id, bestDice }) => id !== run.id && bestDice !== null);
  const other = others.find(({ id }) => id === against);
  const { data: otherCurves } = useAnswer('runs.curves', other ? { run: other.id } : null, []);
  const { x, lines } = useMemo(() => {
    const own = curves.validation ?? [];
    const theirs = (other && otherCurves?.validation) || [];
    const aligned = alignCurves([own, theirs]);
    const drawn: Line[] = [{ label: `run ${run.number}`, token: '--accent', width: 2, values: aligned.rows[0] }];
    if (other) drawn.push({ label: `run ${other.number}`, token: '--text-2', dash: [6, 4], width: 1, values: aligned.rows[1] });
    return { x: aligned.x, lines: drawn };
  }, [curves, otherCurves, other, run.number]);
  const count = run.cases.validation.length;
  return (
    <section className="card chart-card" aria-label="Validation">
      <header>
        <h2>Dice · run {run.number}</h2>
        {others.length > 0 && (
          <label className="row caption">
            against
            <select className="input" value={other?.id ?? ''} onChange={(event) => setAgainst(event.target.value as RunId | '')}>
              <option value="">nothing</option>
              {others.map((listed) => (
                <option key={listed.id} value={listed.id}>
                  {titleOf(listed)}
                </option>
              ))}
            </select>
          </label>
        )}
        <p>mean of structures, on {counted(count, 'whole validation case')}, sliding window</p>
      </header>
      {x.length > 0 ? (
        <Chart
          label={`Validation Dice of run ${run.number}`}
          x={x}
          lines={lines}
          xMax={Math.max(run.settings.steps, other?.settings.steps ?? 0)}
          yRange={[0, 1]}
        />
      ) : count === 0 ? (
        <p className="quiet">No case was set aside for validation, so the last checkpoint is the model.</p>
      ) : (
        <Waiting run={run} until={`at step ${whole(run.settings.validateEvery)}`} />
      )}
    </section>
  );
}
