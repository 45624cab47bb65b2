/** Where teachers disagree, in the order a person chose; a click opens the case at the structure. */
import type { CSSProperties } from 'react';
import type { Structure } from '../../../shared/domain';
import { confidenceOf, type Disagreement, type DisagreementOrder, type Disagreements, disagreementOrders } from '../../../shared/ledger';
import type { Run } from '../../../shared/runs';
import { addressOf, go } from '../../place';
import { decimals, whole } from '../../ui/numbers';
import { Segmented } from '../../ui/Segmented';
import { momentChoice } from '../cases/moments';
import { keptShare, orderWords, structureName, surenessWords, windowWords } from './agreement';

interface WorkListProps {
  disagreements: Disagreements;
  by: DisagreementOrder;
  onOrder: (by: DisagreementOrder) => void;
  run: Run;
  structures: readonly Structure[];
}

export function WorkList({ disagreements: { window, list }, by, onOrder, run, structures }: WorkListProps) {
  return (
    <section className="card" aria-label="Work list">
      <header>
        <h2>Where the teachers disagree</h2>
        <p>{window ? `${windowWords(window)}; ${orderWords[by].words} first; choose one to see it` : 'the student has not begun'}</p>
        {list.length > 0 && (
          <Segmented
            label="Order of the work list"
            value={by}
            options={disagreementOrders.map((value) => ({ value, ...orderWords[value] }))}
            onChange={onOrder}
          />
        )}
      </header>
      {list.length === 0 ? (
        <p className="quiet">{emptyWords(window !== null, run)}</p>
      ) : (
        <div className="scroller">
          <table>
            <thead>
              <tr>
                <th scope="col">Case</th>
                <th scope="col">Structure</th>
                <th scope="col" className="number">
                  Agreement
                </th>
                <th scope="col" className="number">
                  Differ, mL
                </th>
                <th scope="col" className="number">
                  Sure
                </th>
                <th scope="col" className="number">
                  Lowest
                </th>
                <th scope="col" className="number">
                  at step
                </th>
                <th scope="col" className="number">
                  Kept
                </th>
              </tr>
            </thead>
            <tbody>
              {list.map((place) => (
                <WorkRow key={`${place.case} ${place.structure}`} place={place} run={run} structures={structures} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function WorkRow({ place, run, structures }: { place: Disagreement; run: Run; structures: readonly Structure[] }) {
  const { case: id, name, structure, agreement, lowest, step, difference } = place;
  const colour = structures.find(({ index }) => index === structure)?.colour;
  // The room then shows student and teachers of this run's newest moment, where it looked at the case.
  const choose = () => momentChoice.set({ run: run.id, step: null });
  return (
    // The link inside is the keyboard's way; the row is a larger target for the mouse.
    <tr
      className="pickable"
      onClick={() => {
        choose();
        go('cases', id, structure);
      }}
    >
      <td>
        <a className="plain" href={addressOf({ panel: 'cases', id, structure })} onClick={choose}>
          {name}
        </a>
      </td>
      <td>
        <span className="row">
          <span className="swatch" style={{ '--swatch': colour } as CSSProperties} /> {structureName(structures, structure)}
        </span>
      </td>
      <td className="number">
        <strong>{decimals(agreement, 2)}</strong>
      </td>
      <td
        className="number"
        title={difference ? `in the whole case at step ${whole(difference.step)}` : 'this case was not looked at whole'}
      >
        {decimals(difference?.volumeMl, 1)}
      </td>
      <td className="number" title={surenessWords(difference)}>
        {decimals(difference && confidenceOf(difference), 2)}
      </td>
      <td className="number">{decimals(lowest, 2)}</td>
      <td className="number quiet">{whole(step)}</td>
      <td className="number" title={`${place.kept} of ${place.present} patches in which it was found`}>
        {keptShare(place)}
      </td>
    </tr>
  );
}

function emptyWords(hasSteps: boolean, { settings }: Run): string {
  if (!hasSteps) return 'Once the prompt generator is trained and the student begins, the places where its teachers disagree appear here.';
  const isAlone = settings.method === 'muduo' && (settings.muduo.teachers.ct === null || settings.muduo.teachers.pet === null);
  if (isAlone) return 'This run asks one teacher only, so there is nothing to disagree on.';
  return 'Nothing to look at: no structure was found in these steps, or all cases have a complete label by now.';
}
