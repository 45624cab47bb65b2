/** Structures against metrics for one model, with the difference to another beside each value. */
import type { Structure } from '../../../shared/domain';
import type { EvaluationSummary } from '../../../shared/evaluation';
import { counted, decimals, signed } from '../../ui/numbers';
import { readable } from '../../ui/words';
import { difference, type Metric, metrics } from './compare';

interface StructureScoresProps {
  first: EvaluationSummary;
  second: EvaluationSummary | undefined;
  structures: readonly Structure[];
}

export function StructureScores({ first, second, structures }: StructureScoresProps) {
  const colourOf = (index: number) => structures.find((structure) => structure.index === index)?.colour;
  const tolerance = first.cases[0]?.structures[0]?.toleranceMm;
  const rows = [...first.structures].sort((a, b) => a.dice - b.dice);
  return (
    <section className="card" aria-label="Structures">
      <header>
        <h2>Structures</h2>
        <p>
          {first.modelName}, means over {counted(first.cases.length, 'whole case')}, worst first
          {tolerance !== undefined && `; surface Dice at ${decimals(tolerance, 1)} mm`}
          {second && `; behind each value, its difference to ${second.modelName}`}
        </p>
      </header>
      <div className="scroller">
        <table>
          <thead>
            <tr>
              <th scope="col">Structure</th>
              {metrics.map(({ key, label, unit }) => (
                <th key={key} scope="col" className="number">
                  {label} {unit}
                </th>
              ))}
              <th scope="col" className="number" title="Cases where the structure is there but the student found none of it">
                Missed
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => {
              const other = second?.structures.find(({ structure }) => structure === row.structure);
              return (
                <tr key={row.structure}>
                  <td>
                    <span className="row">
                      <span className="swatch" style={{ '--swatch': colourOf(row.structure) } as React.CSSProperties} />
                      {readable(row.name)}
                    </span>
                  </td>
                  {metrics.map((metric) => (
                    <Value key={metric.key} metric={metric} first={row[metric.key]} second={other?.[metric.key]} />
                  ))}
                  <td className="number">
                    {row.missed} of {row.cases}
                  </td>
                </tr>
              );
            })}
          </tbody>
          <tfoot>
            <tr>
              <td>Mean</td>
              {metrics.map((metric) => (
                <Value key={metric.key} metric={metric} first={first.mean[metric.key]} second={second?.mean[metric.key]} />
              ))}
              <td />
            </tr>
          </tfoot>
        </table>
      </div>
    </section>
  );
}

function Value({ metric, first, second }: { metric: Metric; first: number | null; second: number | null | undefined }) {
  const change = second === undefined ? null : difference(metric, first, second);
  return (
    <td className="number">
      {decimals(first, metric.digits)}
      {second !== undefined && (
        <span className={`change ${change ? (change.isBetter ? 'better' : 'worse') : ''}`}>
          {change ? signed(change.by, metric.digits) : '='}
        </span>
      )}
    </td>
  );
}
