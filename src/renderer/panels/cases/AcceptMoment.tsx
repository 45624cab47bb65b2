/** Makes one structure of a mask on the screen part of the case's label. */
import { useState } from 'react';
import type { Structure } from '../../../shared/domain';
import { type Moment, type MomentSource, momentSources, whose } from '../../../shared/ledger';
import { ask } from '../../api';
import { Action } from '../../ui/Action';
import { tell } from '../../ui/noticeList';
import { readable } from '../../ui/words';

const names: Record<MomentSource, string> = { student: 'student', ct: 'CT teacher', pet: 'PET teacher', agreed: 'both teachers' };

interface AcceptMomentProps {
  moment: Moment;
  structures: Structure[];
  /** Index of the structure to begin with, or null. */
  structure: number | null;
}

export function AcceptMoment({ moment: { run, case: of, step, masks }, structures, structure }: AcceptMomentProps) {
  const [chosen, choose] = useState(structure ?? structures[0]?.index);
  const name = structures.find(({ index }) => index === chosen)?.name;
  if (name === undefined) return null;
  const accept = async (source: MomentSource) => {
    const { revision, state } = await ask('ledger.accept', { run, case: of, step, source, structure: chosen });
    const still = state === 'draft' ? ', a draft until you say it is complete' : '';
    tell('good', `${readable(name)} is now what ${whose[source]} saw: label revision ${revision}${still}.`);
  };
  return (
    <fieldset className="row accept-moment">
      <legend className="visually-hidden">Accept into the label</legend>
      <span className="quiet">Accept</span>
      <select className="input" aria-label="Structure to accept" value={chosen} onChange={(event) => choose(Number(event.target.value))}>
        {structures.map(({ index, name: of }) => (
          <option key={index} value={index}>
            {readable(of)}
          </option>
        ))}
      </select>
      <span className="quiet">of</span>
      {momentSources.map(
        (source) =>
          masks[source] && (
            <Action key={source} size="small" onAct={() => accept(source)}>
              {names[source]}
            </Action>
          ),
      )}
    </fieldset>
  );
}
