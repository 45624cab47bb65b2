/** Points of a run's curves. */
import type { RunId } from '../../shared/domain';
import type { Curves } from '../../shared/runs';
import type { Reader, Writer } from './connection';

export interface Metric {
  curve: string;
  step: number;
  value: number;
}

/** Adds points; a point that is there already (a step done again after a crash) is replaced. */
export function insertMetrics(db: Writer, run: RunId, metrics: readonly Metric[]): void {
  for (const { curve, step, value } of metrics) {
    db.run(
      'INSERT INTO metrics (run, curve, step, value) VALUES (?, ?, ?, ?) ON CONFLICT (run, curve, step) DO UPDATE SET value = excluded.value',
      [run, curve, step, value],
    );
  }
}

/** All curves of a run, each in order of steps. */
export function curvesOf(db: Reader, run: RunId): Curves {
  const rows = db.all<Metric>('SELECT curve, step, value FROM metrics WHERE run = ? ORDER BY curve, step', [run]);
  const byName = Map.groupBy(rows, (row) => row.curve);
  return Object.fromEntries([...byName].map(([name, points]) => [name, points.map(({ step, value }) => ({ step, value }))]));
}
