/** What a method that learns without labels adds to a run's curves: its teachers, its schedule, and its prompt generator, each saying on what. */
import { useMemo } from 'react';
import { unlabelledSettings } from '../../../shared/methods';
import type { Curves, Run } from '../../../shared/runs';
import { Chart, type Line } from '../../ui/Chart';
import { LossCard } from './LossCard';
import { alignCurves, reduceCurve } from './reduceCurve';

type Drawn = Omit<Line, 'values'> & {
  key: string;
  /** Drawn as a share of this. */
  of: number;
};

const teacherLines: readonly Drawn[] = [
  { key: 'agreement', label: 'agreement', token: '--accent', width: 2, of: 1 },
  { key: 'kept', label: 'kept', token: '--source-teacher-pet', width: 1, of: 1 },
];
const scheduleLines = (rate: number, consistency: number): readonly Drawn[] => [
  { key: 'consistency', label: `weight of agreement / ${consistency}`, token: '--accent', width: 2, of: consistency || 1 },
  { key: 'rate', label: `learning rate / ${rate}`, token: '--text-2', width: 1, of: rate },
];

export function MethodCharts({ run, curves }: { run: Run; curves: Curves }) {
  const { settings } = run;
  const { rate } = settings;
  const consistency = unlabelledSettings(settings)?.consistency ?? 0;
  const schedule = useMemo(() => scheduleLines(rate, consistency), [rate, consistency]);
  if (settings.method === 'supervised') return null;
  return (
    <>
      {settings.method === 'muduo' && (
        <SharesCard
          run={run}
          curves={curves}
          title="Teachers"
          on="on unlabelled patches: overlap where a structure was found, share of structures kept"
          drawn={teacherLines}
        />
      )}
      <SharesCard
        run={run}
        curves={curves}
        title="Schedule"
        on="weight of agreement and learning rate, as shares of their peaks"
        drawn={schedule}
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
        ({ key: _key, of, ...line }, at): Line => ({ ...line, values: aligned.rows[at].map((value) => value && value / of) }),
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
