/** Scored cases, worst first; a click opens the case where its worst structure differs most. */
import type { Structure } from '../../../shared/domain';
import type { EvaluationSummary } from '../../../shared/evaluation';
import { addressOf, go } from '../../place';
import { decimals, dice, signed } from '../../ui/numbers';
import { readable } from '../../ui/words';
import { splitNames } from '../cases/describeCase';
import { difference, metrics, worstCasesFirst } from './compare';

interface CaseScoresTableProps {
  first: EvaluationSummary;
  second: EvaluationSummary | undefined;
  structures: readonly Structure[];
}

export function CaseScoresTable({ first, second, structures }: CaseScoresTableProps) {
  const nameOf = (index: number) => readable(structures.find((structure) => structure.index === index)?.name ?? `structure ${index}`);
  return (
    <section className="card" aria-label="Cases">
      <header>
        <h2>Cases</h2>
        <p>worst first; choose one to see it where its worst structure differs most</p>
      </header>
      <div className="scroller">
        <table>
          <thead>
            <tr>
              <th scope="col">Case</th>
              <th scope="col">Split</th>
              <th scope="col" className="number">
                Mean Dice
              </th>
              {second && (
                <th scope="col" className="number">
                  against
                </th>
              )}
              <th scope="col">Worst structure</th>
              <th scope="col" className="number">
                Dice
              </th>
              <th scope="col" className="number">
                HD95 mm
              </th>
            </tr>
          </thead>
          <tbody>
            {worstCasesFirst(first, second).map(({ scores, other, worst }) => {
              const change = other && difference(metrics[0], scores.meanDice, other.meanDice);
              return (
                // The link inside is the keyboard's way; the row is a larger target for the mouse.
                <tr key={scores.case} className="pickable" onClick={() => go('cases', scores.case, worst?.structure ?? null)}>
                  <td>
                    <a className="plain" href={addressOf({ panel: 'cases', id: scores.case, structure: worst?.structure })}>
                      {scores.name}
                    </a>
                  </td>
                  <td className="quiet">{splitNames[scores.split]}</td>
                  <td className="number">
                    <strong>{dice(scores.meanDice)}</strong>
                  </td>
                  {second && (
                    <td className="number">
                      {dice(other?.meanDice)}
                      <span className={`change ${change ? (change.isBetter ? 'better' : 'worse') : ''}`}>
                        {change ? signed(change.by, 2) : other ? '=' : ''}
                      </span>
                    </td>
                  )}
                  <td>
                    {worst ? nameOf(worst.structure) : '–'} {worst?.note && <span className="caption">{worst.note}</span>}
                  </td>
                  <td className="number">{dice(worst?.dice)}</td>
                  <td className="number">{decimals(worst?.hd95Mm, 1)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
