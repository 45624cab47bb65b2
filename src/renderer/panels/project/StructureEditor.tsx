/** Names and colours of the structures; a change is saved when the field is left. */
import { useState } from 'react';
import type { Structure } from '../../../shared/domain';
import { ask } from '../../api';
import { EmptyState } from '../../ui/EmptyState';
import { tellFailure } from '../../ui/noticeList';

export function StructureEditor({ structures }: { structures: Structure[] }) {
  return (
    <section className="card" aria-label="Structures">
      <header>
        <h2>Structures</h2>
        <p>the value in label maps, with its name and colour</p>
      </header>
      {structures.length === 0 ? (
        <EmptyState title="No structures yet">Importing a labelled data set brings them.</EmptyState>
      ) : (
        <ul className="structure-editor">
          {structures.map((structure) => (
            <Row key={`${structure.index} ${structure.name} ${structure.colour}`} structure={structure} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Row({ structure: { index, name, colour } }: { structure: Structure }) {
  const [typed, setTyped] = useState(name);
  const [picked, setPicked] = useState(colour);
  const save = () => {
    const next = typed.trim() || name;
    setTyped(next);
    if (next !== name || picked !== colour) ask('structures.update', { index, name: next, colour: picked }).catch(tellFailure);
  };
  return (
    <li>
      <span className="caption">{index}</span>
      <input
        type="color"
        value={picked}
        aria-label={`Colour of ${name}`}
        onChange={(event) => setPicked(event.target.value)}
        onBlur={save}
      />
      <input
        className="input"
        value={typed}
        maxLength={80}
        aria-label={`Name of structure ${index}`}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={save}
        onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
      />
    </li>
  );
}
