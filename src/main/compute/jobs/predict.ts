/** Labels whole cases with a student, one case after another; every mask is stored before the next case begins. */
import { storeBytes } from '../../files/durable';
import { countVoxels } from '../../imaging/countVoxels';
import { readWeights } from '../../methods/training/checkpoint';
import { requireChannels } from '../../methods/training/plan';
import { streamed } from '../../methods/training/streamed';
import { type JobCode, Stopped } from '../protocol';
import { openStudent } from '../student';

export const predict: JobCode<'predict'> = async ({ weights, spec, cases, store, threads }, context) => {
  const student = await openStudent(spec, await readWeights(weights), threads);
  try {
    for (const [at, one] of cases.entries()) {
      requireChannels(one, spec.channels);
      const start = performance.now();
      const slabs = streamed(one, spec);
      const voxels = await student.predict(slabs, slabs.grid, one.channels[0].grid, async (fraction) => {
        context.report({
          kind: 'fraction',
          fraction: (at + fraction) / cases.length,
          message: `${one.name} (${at + 1} of ${cases.length})`,
        });
        await context.breathe();
        if (context.stopped) throw new Stopped();
      });
      const file = await storeBytes(store, voxels);
      context.report({ kind: 'mask', case: one.id, file, voxels: countVoxels(voxels), seconds: (performance.now() - start) / 1000 });
    }
    return { masks: cases.length };
  } finally {
    await student.release();
  }
};
