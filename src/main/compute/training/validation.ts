/** Scores a student on whole validation cases, on its own lattice. */
import type { StudentSpec } from '../../../shared/domain';
import type { Tensor } from '../../engine/tensor';
import { diceOf } from '../../imaging/dice';
import type { Validation } from '../../methods/training/loop';
import { type Prepared, prepare } from '../../methods/training/prepare';
import type { StoredCase } from '../jobData';
import { openStudent } from '../student';

/** Mean Dice of the weights over cases, and over structures that any of them holds. `breathe` is awaited after every window. */
export async function validate(
  cases: readonly StoredCase[],
  spec: StudentSpec,
  weights: ReadonlyMap<string, Tensor>,
  threads: number,
  breathe: () => Promise<void>,
): Promise<Validation> {
  const student = await openStudent(spec, weights, threads);
  const perStructure = new Map<number, number[]>();
  try {
    for (const one of cases) {
      const study = await prepare(one, spec);
      const voxels = await student.predict(slabsOf(study), study.grid, study.grid, breathe);
      for (const [at, index] of spec.structures.entries()) {
        const dice = diceOf(voxels, index, study.classes!, at + 1);
        if (dice !== null) perStructure.set(index, [...(perStructure.get(index) ?? []), dice]);
      }
    }
  } finally {
    await student.release();
  }
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const dice = Object.fromEntries([...perStructure].map(([index, values]) => [index, mean(values)]));
  return { dice, meanDice: mean(Object.values(dice)) };
}

/** A prepared case as it is read from top to bottom. */
export const slabsOf = ({ size, outside, channels }: Prepared) => {
  const plane = size[0] * size[1];
  return { size, outside, read: (channel: number, k0: number, k1: number) => channels[channel].subarray(k0 * plane, k1 * plane) };
};
