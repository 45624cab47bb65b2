/** Scores predicted masks against their references, case by case. */
import { scoreStructures } from '../../imaging/scores';
import { readStored } from '../../methods/training/prepare';
import { type JobCode, Stopped, type StoredVolume } from '../protocol';

export const evaluate: JobCode<'evaluate'> = async ({ pairs, structures, toleranceMm }, context) => {
  for (const [at, pair] of pairs.entries()) {
    await context.breathe();
    if (context.stopped) throw new Stopped();
    const [prediction, reference] = [await readLabels(pair.prediction), await readLabels(pair.reference)];
    const scores = scoreStructures(prediction, reference, structures, toleranceMm);
    context.report({ case: pair.case, scores, fraction: (at + 1) / pairs.length });
  }
  return { pairs: pairs.length };
};

async function readLabels(stored: StoredVolume) {
  const { grid, voxels } = await readStored(stored);
  if (!(voxels instanceof Uint8Array)) throw new Error(`evaluate: ${stored.path} holds ${stored.dtype}, masks are uint8`);
  return { grid, voxels };
}
