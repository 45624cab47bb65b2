/** Accepting what a student or a teacher saw at a moment of a run: one structure of its mask becomes part of the case's label. */
import type { Parsed } from '../../shared/contract';
import type { LabelRevision } from '../../shared/domain';
import { fail } from '../../shared/errors';
import { whose } from '../../shared/ledger';
import { locateFile } from '../store/files';
import { momentsOfCase } from '../store/moments';
import { getRun } from '../store/runs';
import { listStructures } from '../store/structures';
import type { Desk } from './desk';
import { reviseLabel } from './labelEdits';
import { storedMask } from './stored';

/** The structure becomes the mask in the whole case; voxels that the label gives to other structures stay theirs. @throws NOT_FOUND */
export async function acceptMoment(
  desk: Desk,
  { run: id, case: of, step, source, structure: index }: Parsed<'ledger.accept'>,
): Promise<LabelRevision> {
  const { read, folder } = desk.store();
  const run = getRun(read, id);
  const file = momentsOfCase(read, of).find((moment) => moment.run === run.id && moment.step === step)?.masks[source];
  if (!file) return fail('NOT_FOUND', `mask of ${whose[source]} at step ${step} of run ${run.number} for this case`);
  const structure = listStructures(read).find((one) => one.index === index) ?? fail('NOT_FOUND', `structure with the index ${index}`);
  const { path } = locateFile(read, folder, file);
  return reviseLabel(desk, of, async (one, store) => {
    const whole = { origin: [0, 0, 0] as const, size: one.grid.size };
    const outcome = await desk.compute.run('editLabel', {
      label: one.label && storedMask(store, one.label.file, one.grid),
      grid: one.grid,
      mask: { path, box: whole, value: index },
      seen: whole,
      structure: index,
      how: 'replace',
      others: 'keep',
      store: store.files,
    });
    if (outcome.state === 'stopped') return fail('NO_PROJECT');
    return {
      ...outcome.result,
      origin: 'moment',
      // As with prompts: what begins with a mask is a draft until the person says otherwise.
      state: one.label?.state ?? 'draft',
      made: { by: 'moment', run: run.id, runNumber: run.number, step, source, structure: index, mask: file },
      sourceName: `${whose[source]} of run ${run.number}`,
      sentence: `Case ${one.name}: ${structure.name} became what ${whose[source]} of run ${run.number} saw at step ${step}.`,
    };
  });
}
