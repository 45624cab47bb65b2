/** A student at work: its network, and the session that turns windows into class probabilities and whole cases into masks. */
import type { StudentSpec } from '../../shared/domain';
import { fail, sentenceOf } from '../../shared/errors';
import type { Grid } from '../../shared/geometry';
import { Session } from '../engine/session';
import type { Tensor } from '../engine/tensor';
import { labelBuilder } from '../methods/training/argmax';
import { type Slabs, slideOver } from '../methods/training/wholeCase';
import { inferenceModel } from '../networks/inference';
import { unet3d } from '../networks/unet3d';

/** The network a spec describes. */
export const networkOf = ({ widths, channels, structures }: Pick<StudentSpec, 'widths' | 'channels' | 'structures'>) =>
  unet3d({ inChannels: channels.length, classes: structures.length + 1, widths });

/** Neighbouring windows share half of their voxels. */
const overlap = 0.5;

export interface Student {
  /**
   * Label map of a case on `onto`.
   * @param study the case on the student's own lattice `from`
   * @param onWindow called after every window with the share done; throw to stop
   */
  predict(study: Slabs, from: Grid, onto: Grid, onWindow?: (fraction: number) => void | Promise<void>): Promise<Uint8Array>;
  release(): Promise<void>;
}

/** Sides of a patch in the order of the array: k, j, i. */
export const patchDims = ({ patch: [i, j, k] }: Pick<StudentSpec, 'patch'>): [number, number, number] => [k, j, i];

/** Loads a student for prediction. @throws CHECKPOINT_MISMATCH if the weights are not of this network */
export async function openStudent(spec: StudentSpec, weights: ReadonlyMap<string, Tensor>, threads: number): Promise<Student> {
  const dims = [1, spec.channels.length, ...patchDims(spec)];
  const session = await Session.create(modelBytes(spec, weights, dims), { device: 'cpu', threads });
  const classes = spec.structures.length + 1;
  const probabilities: Tensor<Float32Array> = {
    dims: [1, classes, ...patchDims(spec)],
    data: new Float32Array(classes * spec.patch[0] * spec.patch[1] * spec.patch[2]),
  };
  return {
    async predict(study, from, onto, onWindow) {
      const builder = labelBuilder(from, onto, [0, ...spec.structures]);
      const network = async (image: Float32Array) => {
        await session.run({ image: { dims, data: image } }, { probabilities });
        return probabilities.data;
      };
      await slideOver(study, network, { patch: spec.patch, classes, overlap, onWindow }, builder.take);
      return builder.voxels;
    },
    release: () => session.release(),
  };
}

function modelBytes(spec: StudentSpec, weights: ReadonlyMap<string, Tensor>, image: readonly number[]): Uint8Array {
  try {
    return inferenceModel(networkOf(spec), weights, { image, batch: 'fixed', activation: 'softmax' });
  } catch (error) {
    return fail('CHECKPOINT_MISMATCH', 'The file of the student', sentenceOf(error));
  }
}
