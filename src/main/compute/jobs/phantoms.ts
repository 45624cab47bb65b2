/** Makes a phantom data set on disk. */
import { writeTorsoDataset } from '../../imaging/phantom/dataset';
import { variations } from '../../imaging/phantom/variation';
import { type JobCode, Stopped } from '../protocol';

export const phantoms: JobCode<'phantoms'> = async (spec, context) => {
  let [files, written] = [0, 0];
  for await (files of writeTorsoDataset({ ...spec, variation: variations[spec.variation] })) {
    context.report({ fraction: Math.min(1, ++written / spec.cases) });
    await context.breathe();
    if (context.stopped) throw new Stopped();
  }
  return { files };
};
