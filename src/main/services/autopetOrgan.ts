/** AutoPET-Organ: brings the data set into the open project with its structures, its splits, and as many labels as a run may see. */
import { resolve } from 'node:path';
import type { Handlers } from '../../shared/contract';
import { fail } from '../../shared/errors';
import { listCases, setSplit } from '../store/cases';
import { appendEvent } from '../store/events';
import type { Reader, Writer } from '../store/store';
import { planAutopetOrgan } from './autopetOrgan/plan';
import type { Desk } from './desk';
import type { ImportPlan } from './import/plan';
import { importPlans } from './importing';

export const autopetOrganHandlers = (desk: Desk): Pick<Handlers, 'autopetOrgan.import'> => ({
  'autopetOrgan.import': ({ folder, lists, labels }) => {
    const store = desk.store();
    return desk.jobs.start({ kind: 'import', title: 'Import of AutoPET-Organ' }, async (control) => {
      const plan = await planAutopetOrgan(resolve(folder), labels, lists && resolve(lists));
      refuseOthers(store.read, plan, labels);
      store.write((db) => followLists(db, plan));
      const report = await importPlans(
        { store, compute: desk.compute, onCase: () => desk.announce('cases.changed', {}) },
        [{ ...plan, cases: missing(store.read, plan) }],
        control,
      );
      desk.announce('cases.changed', {});
      desk.announce('project.changed', {});
      return { kind: 'import', report };
    });
  },
});

/** A case from elsewhere, or a label too many, would be learned from without anybody having asked for it. @throws BAD_INPUT */
function refuseOthers(db: Reader, { cases }: ImportPlan, labels: number): void {
  const planned = new Map(cases.map((one) => [one.name, one]));
  for (const { name, label } of listCases(db)) {
    const plan = planned.get(name) ?? fail('BAD_INPUT', `the project holds ${name}, which is no case of this data set; name a new project`);
    if (label && plan.split === 'train' && plan.label === null) {
      fail('BAD_INPUT', `${name} has a label in this project and must not have one among ${labels} labels; name a new project for them`);
    }
  }
}

/** Cases that are there already go where the lists want them. */
function followLists(db: Writer, { cases }: ImportPlan): void {
  const wanted = new Map(cases.map(({ name, split }) => [name, split]));
  for (const { id, name, split } of listCases(db)) {
    const other = wanted.get(name);
    if (!other || other === split) continue;
    setSplit(db, id, other);
    appendEvent(db, 'cases', `Case ${name} was moved from the ${split} to the ${other} split, as the lists of AutoPET-Organ say.`);
  }
}

/** What is still to be imported: all but the cases that are there with what they need. */
function missing(db: Reader, { cases }: ImportPlan): ImportPlan['cases'] {
  const there = new Map(listCases(db).map((one) => [one.name, one]));
  return cases.filter(({ name, label }) => !there.has(name) || (label !== null && there.get(name)?.label === null));
}
