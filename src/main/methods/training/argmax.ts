/** From class probabilities on the training lattice to a label map on the case's own grid. */
import { type Grid, voxelCount } from '../../../shared/geometry';

/** Takes probability slices in order of k and fills a label map; finished once the last slice was taken. */
export interface LabelBuilder {
  take(k: number, probabilities: Float32Array): void;
  readonly voxels: Uint8Array;
}

/**
 * Builds the label map of a case from slices on `from` (same axes and extent, possibly another spacing): probabilities are interpolated
 * linearly between voxel centres and the largest one wins, which is smoother than resampling labels.
 * @param labels label value of every class, background first
 */
export function labelBuilder(from: Grid, onto: Grid, labels: readonly number[]): LabelBuilder {
  const voxels = new Uint8Array(voxelCount(onto));
  const [ai, aj, ak] = from.size;
  const [bi, bj, bk] = onto.size;
  const classes = labels.length;
  const plane = ai * aj;
  const [alongI, alongJ, alongK] = [taps(ai, bi), taps(aj, bj), taps(ak, bk)];
  const same = ai === bi && aj === bj && ak === bk;
  let previous = new Float32Array(classes * plane);
  let next = 0;

  function fill(k: number, near: Float32Array, far: Float32Array, share: number): void {
    let at = k * bi * bj;
    for (let j = 0; j < bj; j++) {
      const row = alongJ.first[j] * ai;
      const rowStep = alongJ.step[j] * ai;
      const fj = alongJ.share[j];
      for (let i = 0; i < bi; i++, at++) {
        const o = row + alongI.first[i];
        const step = alongI.step[i];
        const fi = alongI.share[i];
        let [best, most] = [0, -1];
        for (let c = 0; c < classes; c++) {
          const p = c * plane + o;
          const a = blend(near, p, step, rowStep, fi, fj);
          const value = share === 0 ? a : a + share * (blend(far, p, step, rowStep, fi, fj) - a);
          if (value > most) [best, most] = [c, value];
        }
        voxels[at] = labels[best];
      }
    }
  }

  function fillSame(k: number, probabilities: Float32Array): void {
    for (let v = 0; v < plane; v++) {
      let best = 0;
      for (let c = 1; c < classes; c++) if (probabilities[c * plane + v] > probabilities[best * plane + v]) best = c;
      voxels[k * plane + v] = labels[best];
    }
  }

  return {
    voxels,
    take(k, probabilities) {
      if (same) {
        fillSame(k, probabilities);
        return;
      }
      // Every target slice between slice k−1 and slice k (or at the last slice) can be filled now.
      while (next < bk && alongK.first[next] + (alongK.share[next] > 0 ? 1 : 0) <= k) {
        const share = alongK.share[next];
        const near = alongK.first[next] === k ? probabilities : previous;
        fill(next, near, probabilities, share);
        next++;
      }
      previous = probabilities.slice();
    },
  };
}

/** For each of `b` voxels spread over the extent of `a`: lower neighbour, step to the upper one (0 at the end), and the upper one's share. */
function taps(a: number, b: number) {
  const first = new Int32Array(b);
  const step = new Int32Array(b);
  const share = new Float32Array(b);
  for (let t = 0; t < b; t++) {
    const x = Math.min(a - 1, Math.max(0, ((t + 0.5) * a) / b - 0.5));
    first[t] = Math.floor(x);
    share[t] = x - first[t];
    step[t] = first[t] + 1 < a ? 1 : 0;
  }
  return { first, step, share };
}

function blend(v: Float32Array, p: number, step: number, rowStep: number, fi: number, fj: number): number {
  const a = v[p] + fi * (v[p + step] - v[p]);
  if (fj === 0) return a;
  const b = v[p + rowStep] + fi * (v[p + rowStep + step] - v[p + rowStep]);
  return a + fj * (b - a);
}
