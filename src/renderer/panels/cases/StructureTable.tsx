/** Structures of the project with colour, visibility, agreement and volume in this case. */
import type { Structure } from '../../../shared/domain';
import { Icon } from '../../ui/icons';
import { decimals, dice } from '../../ui/numbers';
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
                Dice, other
              </th>
            )}
            {student?.scores && (
              <>
                <th scope="col" className="number">
                  Dice
                </th>
                <th scope="col" className="number">
                  HD95 mm
                </th>
              </>
            )}
            <th scope="col" className="number">
              mL
            </th>
            <th scope="col">
              <span className="visually-hidden">Visible</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {structures.map((structure) => {
            const score = scoreOf(student, structure.index);
            return (
              <tr key={structure.index} data-hidden={hidden.has(structure.index)} className="pickable">
                <td>
                  <Name structure={structure} onLook={onLook} />
                </td>
                {other?.scores && <td className="number">{dice(scoreOf(other, structure.index)?.dice)}</td>}
                {student?.scores && (
                  <>
                    <td className="number">
                      <strong title={score?.note ?? undefined}>{dice(score?.dice)}</strong>
                    </td>
                    <td className="number">{decimals(score?.hd95Mm, 1)}</td>
                  </>
                )}
                <td className="number">{mask ? decimals(volumeMl(mask, structure.index, subject.grid), 1) : '–'}</td>
                <td className="number">
                  <button
                    type="button"
                    className="linklike"
                    aria-pressed={!hidden.has(structure.index)}
                    aria-label={`${structure.name} is shown`}
                    onClick={() => toggle(structure.index)}
                  >
                    <Icon name={hidden.has(structure.index) ? 'eyeOff' : 'eye'} />
                  </button>
                </td>
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
              <td colSpan={3} />
            </tr>
          </tfoot>
        )}
      </table>
      <p className="caption inset">Volumes of {student?.prediction ? 'the student’s mask' : 'the reference'}.</p>
    </section>
  );
}

function Name({ structure: { index, name, colour }, onLook }: { structure: Structure; onLook: (structure: number) => void }) {
  return (
    <button type="button" className="linklike row" title="Go to where the masks differ most" onClick={() => onLook(index)}>
      <span className="swatch" style={{ '--swatch': colour } as React.CSSProperties} />
      <span className="ellipsis">{name}</span>
    </button>
  );
}
