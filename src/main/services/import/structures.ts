/** Makes the project know the structures that labels are going to contain. */
import type { Structure } from '../../../shared/domain';
import { fail } from '../../../shared/errors';
import { nextColour } from '../../../shared/palette';
import type { Writer } from '../../store/store';
import { insertStructure, listStructures, setMirror } from '../../store/structures';
import { mirrorsOf } from './mirrors';

/**
 * Adds the structures a project lacks, each with a colour of its own, and finds left–right partners anew.
 * @throws STRUCTURE_CONFLICT when a value already means something else here
 */
export function adoptStructures(db: Writer, wanted: readonly { index: number; name: string }[]): void {
  const known = listStructures(db);
  const alike = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase();
  for (const { index, name } of wanted) {
    const ours = known.find((one) => one.index === index);
    if (ours && !alike(ours.name, name)) fail('STRUCTURE_CONFLICT', index, name, ours.name);
    if (ours) continue;
    const added: Structure = { index, name, colour: nextColour(known.map((one) => one.colour)), mirror: null };
    insertStructure(db, added);
    known.push(added);
  }
  for (const [index, mirror] of mirrorsOf(known)) setMirror(db, index, mirror);
}

/** A name for a value nobody has named. */
export const unnamed = (index: number) => ({ index, name: `label ${index}` });
