/** How long a training step takes: real steps on as much of its batch as a second allows, carried over to the whole. */
import { random } from '../../shared/random';
import type { Device } from '../../shared/runs';
import { workOf } from '../engine/cost';
import { sizeOf, type Tensor } from '../engine/tensor';
import { type StepPlan, TrainingStep } from '../engine/trainStep';
import type { Network } from '../networks/network';
import { noiseFor } from './devices';

/** Samples of a step and their sides in the order of the array. */
export interface Extent {
  batch: number;
  patch: readonly number[];
}

/** What one step of the largest part should take; it may take twice as long. */
const allowedSeconds = 0.4;
/** The smallest part is mostly overhead: larger ones do at least this many times its work per second. */
const speedUp = 2;
/** Parts tried after the smallest; a fast device needs more than one to come near the allowed time. */
const mostParts = 3;
/** Steps are timed until this much time has gone, but no fewer than two and no more than five. */
const patientSeconds = 0.8;

/**
 * Seconds of one step of `planOf(whole)`. Times the smallest step the network takes and the largest part of the whole that is quick enough;
 * what the larger one took more per unit of work, the rest of the whole will take too. Exact where the whole itself is quick enough.
 */
export async function predictStep(
  network: Network,
  whole: Extent,
  planOf: (extent: Extent) => StepPlan,
  where: { device: Device; threads: number },
): Promise<number> {
  const parameters = anyParameters(network);
  const measured = async (extent: Extent) => {
    const plan = planOf(extent);
    return { voxels: voxelsOf(extent), work: workOf(plan.cost), seconds: await timeStep(plan, parameters, where) };
  };
  const all = { voxels: voxelsOf(whole), work: workOf(planOf(whole).cost) };
  const least = await measured(partOf(whole, 0, network.strides));
  let most = least;
  for (let part = 0; part < mostParts && most.voxels < all.voxels; part++) {
    const work = most.work * Math.max(1, (speedUp * allowedSeconds) / most.seconds);
    // Work grows evenly with voxels; what does not, the parameters' share, is in both.
    const voxels = least.voxels + ((work - least.work) / (all.work - least.work)) * (all.voxels - least.voxels);
    const extent = partOf(whole, voxels / all.voxels, network.strides);
    if (voxelsOf(extent) <= 1.5 * most.voxels) break;
    most = await measured(extent);
    if (most.seconds > allowedSeconds / 2) break;
  }
  const perWork = (most.seconds - least.seconds) / (most.work - least.work);
  // Measured while the machine is busy, a larger part may seem the faster one.
  return perWork > 0 ? most.seconds + perWork * (all.work - most.work) : (most.seconds * all.work) / most.work;
}

/** Small numbers in place of a start, which takes longer to draw: a step takes as long with these. */
export function anyParameters(network: Pick<Network, 'parameters'>): Map<string, Tensor> {
  const stream = random(1);
  const some = Float32Array.from({ length: 4096 }, () => 0.05 * stream.normal());
  return new Map(network.parameters.map(({ name, dims }) => [name, { dims, data: filled(sizeOf(dims), some) }]));
}
function filled(length: number, some: Float32Array): Float32Array {
  const data = new Float32Array(length);
  for (let at = 0; at < length; at += some.length) data.set(some.subarray(0, length - at), at);
  return data;
}

const voxelsOf = ({ batch, patch }: Extent) => batch * sizeOf(patch);

/**
 * About this share of an extent: fewer samples first, then fewer slices, then shorter sides, none shorter than its stride. Two values are left
 * at the coarsest level, for batch norm takes no fewer.
 */
export function partOf({ batch, patch }: Extent, share: number, strides: readonly number[]): Extent {
  const doubled = patch.findLastIndex((side, axis) => side >= 2 * strides[axis]);
  const fewest = doubled < 0 ? Math.min(batch, 2) : 1;
  const samples = Math.min(batch, Math.max(fewest, Math.floor(batch * share)));
  let left = Math.min(1, (share * batch) / samples);
  const sides = patch.map((side, axis) => {
    const kept = Math.min(
      side,
      Math.max(axis === doubled ? 2 * strides[axis] : strides[axis], Math.floor((side * left) / strides[axis]) * strides[axis]),
    );
    left = Math.min(1, (left * side) / kept);
    return kept;
  });
  return { batch: samples, patch: sides };
}

/** Seconds of the fastest of a few steps on noise, after one to warm up: others on the machine only ever make a step slower. */
export async function timeStep(
  plan: StepPlan,
  parameters: ReadonlyMap<string, Tensor>,
  where: { device: Device; threads: number },
): Promise<number> {
  const step = await TrainingStep.open(plan, parameters, where);
  try {
    const inputs = noiseFor(plan);
    await step.run(inputs);
    let [least, spent] = [Number.POSITIVE_INFINITY, 0];
    for (let count = 0; count < 2 || (count < 5 && spent < patientSeconds); count++) {
      const start = performance.now();
      await step.run(inputs);
      const seconds = (performance.now() - start) / 1000;
      least = Math.min(least, seconds);
      spent += seconds;
    }
    return least;
  } finally {
    await step.close();
  }
}
