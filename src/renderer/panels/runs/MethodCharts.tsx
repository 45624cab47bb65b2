/** What a method that learns without labels adds to a run's curves: its teachers, its schedule, and its prompt generator, each saying on what. */
import { useMemo } from 'react';
import type { Curves, Run } from '../../../shared/domain';
import { Chart, type Line } from '../../ui/Chart';
import { LossCard } from './LossCard';
import { alignCurves, reduceCurve } from './reduceCurve';

type Drawn = Omit<Line, 'values'> & {
  key: string;
  /** Drawn as a share of its largest value. */
  isShare?: boolean;
};

const teacherLines: readonly Drawn[] = [
  { key: 'agreement', label: 'agreement', token: '--accent', width: 2 },
  { key: 'kept', label: 'kept', token: '--source-teacher-pet', width: 1 },
];
const scheduleLines: readonly Drawn[] = [
  { key: 'consistency', label: 'weight of agreement', token: '--accent', width: 2, isShare: true },
  { key: 'rate', label: 'learning rate', token: '--text-2', width: 1, isShare: true },
];

export function MethodCharts({ run, curves }: { run: Run; curves: Curves }) {
  if (run.method === 'supervised') return null;
  const { settings } = run;
  return (
    <>
      {settings.method === 'muduo' && (
        <SharesCard
          run={run}
          curves={curves}
          title="Teachers"
          on="on unlabelled patches: overlap of both teachers where a structure was found, and share of structures that count"
          drawn={teacherLines}
        />
      )}
      <SharesCard
        run={run}
        curves={curves}
        title="Schedule"
        on="weight of agreement and learning rate, as shares of their peaks"
        drawn={scheduleLines}
      />
      {curves['generator/loss'] && settings.method === 'muduo' && (
        <LossCard
          run={run}
          curves={curves}
          title="Prompt generator"
          stage="generator/"
          on="its loss on labelled patches, PET alone"
          steps={settings.muduo.generatorSteps}
        />
      )}
    </>
  );
}

function SharesCard({ run, curves, title, on, drawn }: { run: Run; curves: Curves; title: string; on: string; drawn: readonly Drawn[] }) {
  const { x, lines } = useMemo(() => {
    const present = drawn.filter(({ key }) => (curves[key]?.length ?? 0) > 0);
    const aligned = alignCurves(present.map(({ key }) => reduceCurve(curves[key]).points));
    return {
      x: aligned.x,
      lines: present.map(
        ({ key: _key, isShare, ...line }, at): Line => ({ ...line, values: isShare ? shares(aligned.rows[at]) : aligned.rows[at] }),
      ),
    };
  }, [curves, drawn]);
  if (x.length === 0) return null;
  return (
    <section className="card chart-card" aria-label={title}>
      <header>
        <h2>
          {title} · run {run.number}
        </h2>
        <p>{on}</p>
      </header>
      <Chart label={`${title} of run ${run.number}`} x={x} lines={lines} xMax={run.settings.steps} yRange={[0, 1]} />
    </section>
  );
}

function shares(values: readonly (number | null)[]): (number | null)[] {
  const peak = Math.max(...values.map((value) => value ?? 0));
  return peak === 0 ? [...values] : values.map((value) => (value === null ? null : value / peak));
}
