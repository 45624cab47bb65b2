/** Where teachers disagree, worst first; a click opens the case at the structure. */
import type { CSSProperties } from 'react';
import type { Run, Structure } from '../../../shared/domain';
import type { Disagreement, Disagreements } from '../../../shared/ledger';
import { addressOf, go } from '../../place';
import { decimals, whole } from '../../ui/numbers';
import { momentChoice } from '../cases/moments';
import { keptShare, structureName, windowWords } from './agreement';

interface WorkListProps {
  disagreements: Disagreements;
  run: Run;
  structures: readonly Structure[];
}

export function WorkList({ disagreements: { window, list }, run, structures }: WorkListProps) {
  return (
    <section className="card" aria-label="Work list">
      <header>
        <h2>Where the teachers disagree</h2>
        <p>{window ? `${windowWords(window)}; least agreement first; choose one to see it` : 'the student has not begun'}</p>
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
  const { case: id, name, structure, agreement, lowest, step } = place;
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
