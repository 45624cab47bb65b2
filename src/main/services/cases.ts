/** Cases and structures: what a person sees in the lists and may change there. */
import type { Handlers } from '../../shared/contract';
import { getCases, listCases, setSplit } from '../store/cases';
import { appendEvent } from '../store/events';
import { listStructures, renameStructure } from '../store/structures';
import type { Desk } from './desk';
import { adoptStructures } from './import/structures';

export const caseHandlers = (desk: Desk): Pick<Handlers, 'cases.list' | 'cases.setSplit' | 'structures.update'> => ({
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
