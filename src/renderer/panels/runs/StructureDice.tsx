/** Last validation Dice of each structure, worst first: which organ the student has not learnt yet. */
import type { Structure } from '../../../shared/domain';
import type { Curves, Run } from '../../../shared/runs';
import { dice, whole } from '../../ui/numbers';
import { readable } from '../../ui/words';

export function StructureDice({ run, curves, structures }: { run: Run; curves: Curves; structures: Structure[] }) {
  const rows = structures
    .map((structure) => ({ structure, point: curves[`validation/${structure.index}`]?.at(-1) }))
    .flatMap(({ structure, point }) => (point ? [{ structure, ...point }] : []))
    .sort((a, b) => a.value - b.value);
  if (rows.length === 0) return null;
  return (
    <section className="card" aria-label="Structures">
      <header>
        <h2>Structures · run {run.number}</h2>
        <p>Dice on whole validation cases at step {whole(rows[0].step)}, worst first</p>
      </header>
      <ul className="bars">
        {rows.map(({ structure: { index, name, colour }, value }) => (
          <li key={index}>
            <span className="ellipsis">{readable(name)}</span>
            <span className="bar">
              <span style={{ transform: `scaleX(${Math.max(0, Math.min(1, value))})`, background: colour }} />
            </span>
            <span className="number">{dice(value)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
