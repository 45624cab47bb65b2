/** Structures of the project with colour, visibility, agreement and volume in this case. */
import type { Structure } from '../../../shared/domain';
import { decimals, dice, millimetres } from '../../ui/numbers';
import { readable } from '../../ui/words';
import type { InspectorProps } from './Inspector';
import { volumeMl } from './measure';
import type { Compared } from './useSources';

export function StructureTable({ subject, structures, sources, hidden, onHide, onLook }: InspectorProps) {
  const student = sources?.student;
  const other = sources?.other;
  const allHidden = structures.every(({ index }) => hidden.has(index));
  const toggle = (index: number) => {
    const next = new Set(hidden);
    if (!next.delete(index)) next.add(index);
    onHide(next);
  };
  const scoreOf = (compared: Compared | null | undefined, index: number) =>
    compared?.scores?.structures.find(({ structure }) => structure === index);
  const mask = student?.prediction?.voxels ?? subject.label?.voxels;
  if (structures.length === 0) {
    return (
      <section className="inset" aria-label="Structures">
        <h3>Structures</h3>
        <p className="quiet">None yet. A data set that comes with labels brings its structures along.</p>
      </section>
    );
  }
  return (
    <section aria-label="Structures">
      <div className="inspector-head">
        <h3>Structures</h3>
        <button
          type="button"
          className="linklike caption"
          onClick={() => onHide(allHidden ? new Set() : new Set(structures.map(({ index }) => index)))}
        >
          {allHidden ? 'Show all' : 'Hide all'}
        </button>
      </div>
      <table>
        <thead>
          <tr>
            <th scope="col">Structure</th>
            {other?.scores && (
              <th scope="col" className="number">
                against
              </th>
            )}
            {student?.scores && (
              <>
                <th scope="col" className="number">
                  Dice
                </th>
                {!other?.scores && (
                  <th scope="col" className="number">
                    HD95 mm
                  </th>
                )}
              </>
            )}
            <th scope="col" className="number">
              mL
            </th>
          </tr>
        </thead>
        <tbody>
          {structures.map((structure) => {
            const score = scoreOf(student, structure.index);
            return (
              <tr key={structure.index} data-hidden={hidden.has(structure.index)} className="pickable">
                <td>
                  <Name structure={structure} isHidden={hidden.has(structure.index)} onToggle={toggle} onLook={onLook} />
                </td>
                {other?.scores && <td className="number">{dice(scoreOf(other, structure.index)?.dice)}</td>}
                {student?.scores && (
                  <>
                    <td className="number">
                      <strong title={score?.note ?? `HD95 ${millimetres(score?.hd95Mm)}`}>{dice(score?.dice)}</strong>
                    </td>
                    {/* Beside a second student there is room for the names or for this. */}
                    {!other?.scores && <td className="number">{decimals(score?.hd95Mm, 1)}</td>}
                  </>
                )}
                <td className="number">{mask ? decimals(volumeMl(mask, structure.index, subject.grid), 1) : '–'}</td>
              </tr>
            );
          })}
        </tbody>
        {student?.scores && (
          <tfoot>
            <tr>
              <td>Mean</td>
              {other?.scores && <td className="number">{dice(other.scores.meanDice)}</td>}
              <td className="number">{dice(student.scores.meanDice)}</td>
              <td colSpan={other?.scores ? 1 : 2} />
            </tr>
          </tfoot>
        )}
      </table>
      <p className="caption inset">
        {mask ? `Volumes of ${student?.prediction ? 'the student’s mask' : 'the reference'}.` : 'No mask of this case yet.'}
      </p>
    </section>
  );
}

interface NameProps {
  structure: Structure;
  isHidden: boolean;
  onToggle: (structure: number) => void;
  onLook: (structure: number) => void;
}

function Name({ structure: { index, name, colour }, isHidden, onToggle, onLook }: NameProps) {
  return (
    <span className="row structure-name">
      <button
        type="button"
        className="swatch-button"
        aria-pressed={!isHidden}
        aria-label={`Show ${readable(name)}`}
        title={`${isHidden ? 'Show' : 'Hide'} ${readable(name)}`}
        onClick={() => onToggle(index)}
      >
        <span className="swatch" data-hollow={isHidden || undefined} style={{ '--swatch': colour } as React.CSSProperties} />
      </button>
      <button type="button" className="linklike ellipsis" title="Go to where the masks differ most" onClick={() => onLook(index)}>
        {readable(name)}
      </button>
    </span>
  );
}
