/** Makes a phantom data set on disk. */
import { writeTorsoDataset } from '../../imaging/phantom/dataset';
import { type JobCode, Stopped } from '../protocol';

export const phantoms: JobCode<'phantoms'> = async (spec, context) => {
  let [files, written] = [0, 0];
  for await (files of writeTorsoDataset(spec)) {
    context.report({ fraction: Math.min(1, ++written / spec.cases) });
    await context.breathe();
    if (context.stopped) throw new Stopped();
  }
  return { files };
};
