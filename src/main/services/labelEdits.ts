/** Label revisions made here: an edit is the next one, an earlier one is made current again, and none is ever taken back. */
import { randomUUID } from 'node:crypto';
import type { Handlers } from '../../shared/contract';
import type { Case, CaseId, LabelId, LabelRevision, LabelState } from '../../shared/domain';
import { fail } from '../../shared/errors';
import { voxelCount } from '../../shared/geometry';
import type { LabelMade } from '../../shared/prompts';
import type { StoredFile } from '../compute/jobData';
import { storeBytes } from '../files/durable';
import { getCases } from '../store/cases';
import { appendEvent } from '../store/events';
import { locateFile, rememberFile } from '../store/files';
import { insertLabel, labelHistory, setLabelState } from '../store/labels';
import type { Store } from '../store/store';
import type { Desk } from './desk';

export const labelHandlers = (desk: Desk): Pick<Handlers, 'labels.history' | 'labels.restore' | 'labels.setState'> => ({
  'labels.history': ({ case: id }) => {
    const { read } = desk.store();
    const [one] = getCases(read, [id]);
    return labelHistory(read, one.id);
  },

  'labels.restore': async ({ case: id, revision }) => {
    const { read } = desk.store();
    if (revision === 0 && labelHistory(read, id).length === 0) return getCases(read, [id])[0].label;
    await reviseLabel(desk, id, async (one, store) => {
      const history = labelHistory(store.read, id);
      const found = restored(history, revision);
      const sentence = found
        ? `Case ${one.name} got back label revision ${found.revision}.`
        : `Case ${one.name} was taken back to having no label.`;
      return {
        file: found ? fileOf(store, found) : await storeBytes(store.files, new Uint8Array(voxelCount(one.grid))),
        voxels: found?.voxels ?? {},
        origin: 'restore',
        state: history.find((one) => one.revision === revision)?.state ?? 'draft',
        made: { by: 'restore', revision: found?.revision ?? 0 },
        sourceName: found ? `revision ${found.revision}` : 'no label',
        sentence,
      };
    });
    return getCases(desk.store().read, [id])[0].label;
  },

  'labels.setState': ({ cases: ids, state }) => {
    desk.store().write((db) => {
      for (const { name, label } of getCases(db, ids)) {
        if (!label) return fail('NOT_FOUND', `label of case ${name}`);
        if (label.state === state) continue;
        setLabelState(db, label.id, state);
        const said = state === 'complete' ? 'complete' : 'a draft again';
        appendEvent(db, 'labels', `Case ${name}: label revision ${label.revision} is ${said}.`);
      }
    });
    desk.announce('cases.changed', {});
    desk.announce('project.changed', {});
  },
});

/** The revision that is meant, seen through those that only restored it; null for no label. @throws NOT_FOUND */
function restored(history: readonly LabelRevision[], revision: number): LabelRevision | null {
  if (revision === 0) return null;
  const found = history.find((one) => one.revision === revision) ?? fail('NOT_FOUND', `label revision ${revision} of this case`);
  return found.made?.by === 'restore' ? restored(history, found.made.revision) : found;
}

const fileOf = ({ read, folder }: Store, { file }: LabelRevision): StoredFile => ({
  hash: file,
  bytes: locateFile(read, folder, file).size,
});

export interface NewRevision {
  file: StoredFile;
  voxels: Record<number, number>;
  origin: 'prompt' | 'moment' | 'restore';
  state: LabelState;
  made: LabelMade;
  sourceName: string;
  /** For the event log. */
  sentence: string;
}

/**
 * Adds the next revision of a case's label. Where another one came while this was made, it is made again from that one.
 * @param make the next revision from the case as it is now
 */
export async function reviseLabel(desk: Desk, id: CaseId, make: (one: Case, store: Store) => Promise<NewRevision>): Promise<LabelRevision> {
  const store = desk.store();
  for (;;) {
    const before = newestRevision(store, id);
    const { file, sentence, ...label } = await make(getCases(store.read, [id])[0], store);
    if (desk.project?.store !== store) fail('NO_PROJECT');
    const isNext = store.write((db) => {
      if (newestRevision(store, id) !== before) return false;
      rememberFile(db, file);
      insertLabel(db, { ...label, id: randomUUID() as string as LabelId, case: id, file: file.hash, sourceFile: file.hash });
      appendEvent(db, 'labels', sentence);
      return true;
    });
    if (!isNext) continue;
    desk.announce('cases.changed', {});
    desk.announce('project.changed', {});
    return labelHistory(store.read, id)[0];
  }
}

const newestRevision = ({ read }: Store, id: CaseId): number => labelHistory(read, id)[0]?.revision ?? 0;
