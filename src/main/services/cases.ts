/** Cases and structures: what a person sees in the lists and may change there. */
import type { Handlers } from '../../shared/contract';
import { fail } from '../../shared/errors';
import { getCases, listCases, setPatient, setSplit } from '../store/cases';
import { appendEvent } from '../store/events';
import { listStructures, renameStructure } from '../store/structures';
import type { Desk } from './desk';
import { adoptStructures } from './import/structures';

export const caseHandlers = (
  desk: Desk,
): Pick<Handlers, 'cases.list' | 'cases.setSplit' | 'cases.setPatient' | 'structures.add' | 'structures.update'> => ({
  'cases.list': () => listCases(desk.store().read),

  'cases.setSplit': ({ cases: ids, split }) => {
    desk.store().write((db) => {
      for (const one of getCases(db, ids).filter((found) => found.split !== split)) {
        setSplit(db, one.id, split);
        appendEvent(db, 'cases', `Case ${one.name} was moved from the ${one.split} to the ${split} split.`);
      }
    });
    desk.announce('cases.changed', {});
    desk.announce('project.changed', {});
  },

  'cases.setPatient': ({ cases: ids, patient }) => {
    desk.store().write((db) => {
      for (const one of getCases(db, ids).filter((found) => found.patient !== patient)) {
        setPatient(db, one.id, patient);
        appendEvent(db, 'cases', `Case ${one.name} is ${patient === null ? 'of a patient nobody named' : `of patient ${patient}`}.`);
      }
    });
    desk.announce('cases.changed', {});
  },

  'structures.add': ({ name }) => {
    const added = desk.store().write((db) => {
      const known = listStructures(db);
      const same = known.find((one) => one.name.toLowerCase() === name.toLowerCase());
      if (same) fail('STRUCTURE_EXISTS', same.name, same.index);
      const index = Array.from({ length: 255 }, (_, n) => n + 1).find((value) => !known.some((one) => one.index === value));
      if (!index) return fail('STRUCTURES_FULL');
      adoptStructures(db, [{ index, name }]);
      appendEvent(db, 'structures', `Structure ${index}, ${name}, was added.`);
      return listStructures(db).find((one) => one.index === index) ?? null;
    });
    desk.announce('project.changed', {});
    if (!added) throw new Error(`structures.add: ${name} was added but is not there`);
    return added;
  },

  'structures.update': (structure) => {
    const structures = desk.store().write((db) => {
      renameStructure(db, structure);
      adoptStructures(db, []); // a new name may say whose mirror image it is
      appendEvent(db, 'structures', `Structure ${structure.index} is called ${structure.name} and coloured ${structure.colour}.`);
      return listStructures(db);
    });
    desk.announce('project.changed', {});
    return structures;
  },
});
