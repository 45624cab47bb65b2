/** A SAM-Med3D of a few hundred weights, and noise to show it. */
import { sizeOf, type Tensor } from '../../src/main/engine/tensor';
import { initialParameters } from '../../src/main/networks/network';
import { type SamSpec, samParameters } from '../../src/main/networks/sam/spec';
import { random } from '../../src/shared/random';

export const side = 32;
export const spec: SamSpec = {
  ...{ axes: 3, channels: 1, imageSide: side, patch: 16, width: 12, depth: 1, heads: 2, mlpWidth: 12, window: 2, globalBlocks: [0] },
  ...{ promptWidth: 24, maskWidth: 4, decoder: { depth: 1, heads: 2, mlpWidth: 12 }, qualityWidth: 8, masks: 4 },
};
export const teacherWeights = (seed: number) => initialParameters({ parameters: samParameters(spec) }, random(seed));
export const volume = [side, side, side];

export const noise = (seed: number, ...dims: number[]): Tensor<Float32Array> => {
  const stream = random(seed);
  return { dims, data: Float32Array.from({ length: sizeOf(dims) }, () => stream.normal()) };
};
export const likely = (seed: number, ...dims: number[]): Tensor<Float32Array> => {
  const { data } = noise(seed, ...dims);
  return { dims, data: data.map((x) => 1 / (1 + Math.exp(-x))) };
};
