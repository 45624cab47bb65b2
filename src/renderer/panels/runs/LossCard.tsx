/** A loss and its terms as training goes, saying what they were computed on. */
import { useMemo } from 'react';
import type { Curves, Run } from '../../../shared/runs';
import { Chart, type Line } from '../../ui/Chart';
import { whole } from '../../ui/numbers';
import { alignCurves, lossTerms, reduceCurve } from './reduceCurve';
import { Waiting } from './Waiting';

/** The total first and strongest, its terms after it. */
const lossLooks = [
  { token: '--accent', width: 2 },
  { token: '--text-2', width: 1 },
  { token: '--source-teacher-pet', width: 1 },
  { token: '--caution', width: 1 },
];

interface LossCardProps {
  run: Run;
  curves: Curves;
  title: string;
  /** Before the names of its curves. */
  stage: string;
  /** What it was computed on. */
  on: string;
  steps: number;
}

export function LossCard({ run, curves, title, stage, on, steps }: LossCardProps) {
  const { x, lines, over } = useMemo(() => {
    const terms = lossTerms(curves, stage);
    const reduced = terms.map(({ key }) => reduceCurve(curves[key]));
    const aligned = alignCurves(reduced.map(({ points }) => points));
    const drawn: Line[] = terms.map(({ label }, at) => ({ label, ...lossLooks[at % lossLooks.length], values: aligned.rows[at] }));
    return { x: aligned.x, lines: drawn, over: Math.max(1, ...reduced.map((curve) => curve.over)) };
  }, [curves, stage]);
  return (
    <section className="card chart-card" aria-label={title}>
      <header>
        <h2>
          {title} · run {run.number}
        </h2>
        <p>
          {on}, {over === 1 ? 'every step' : `mean of ${whole(over)} steps`}
        </p>
      </header>
      {x.length > 0 ? (
        <Chart label={`${title} of run ${run.number}`} x={x} lines={lines} xMax={steps} />
      ) : (
        <Waiting run={run} until="after the first steps" />
      )}
    </section>
  );
}
