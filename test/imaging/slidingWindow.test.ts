/** Sliding windows against MONAI: starts, weights, and the blended output of a small convolutional network. */
import { describe, expect, test } from 'vitest';
import { Blender, gaussianImportance, padding, windowStarts } from '../../src/main/imaging/slidingWindow';
import type { Index3 } from '../../src/shared/geometry';
import { difference, golden, type Tensor } from './golden';

const { tensors, metadata } = golden('sliding_window/monai.safetensors');
const get = (name: string) => tensors.get(name)!;
// numpy's last axis is the fastest, as our first is: reading shapes backwards makes the same bytes ours.
const backwards = (shape: number[]): Index3 => [...shape].reverse() as unknown as Index3;

describe.each(['gauss3d_o50', 'gauss3d_o25', 'const3d_o50', 'gauss3d_pad'])('%s', (name) => {
  const set = JSON.parse(metadata[name]) as { shape: number[]; roi: number[]; overlap: number; mode: string };
  const [size, window] = [backwards(set.shape.slice(2)), backwards(set.roi)];
  const padded = padding(size, window);
  const starts = windowStarts(padded.size, window, set.overlap);
  const weights = set.mode === 'gaussian' ? gaussianImportance(window) : new Float32Array(window[0] * window[1] * window[2]).fill(1);

  test('windows start where the reference starts them', () => {
    const expected = get(`out.${name}.window_starts`);
    expect(starts).toEqual(Array.from({ length: expected.shape[0] }, (_, n) => backwards([...expected.data.slice(3 * n, 3 * n + 3)])));
  });

  test('weights are those of the reference', () => {
    expect(difference(weights, get(`out.${name}.importance`).data)).toBeLessThan(1e-6);
  });

  test('the blended prediction is that of the reference', () => {
    const channels = get(`param.${name}.w2`).shape[0];
    const x = get(`in.${name}.x`);
    const out = new Float32Array(channels * size[0] * size[1] * size[2]);
    let order = 0;
    const blender = new Blender(padded.size, window, channels, weights, (k, scores) => {
      expect(k).toBe(order++);
      keep(out, size, padded, channels, k, scores);
    });
    for (const start of starts) blender.add(start, network(name, cut(x, size, padded.before, start, window), window));
    blender.finish();
    expect(order).toBe(padded.size[2]);
    expect(difference(out, get(`out.${name}.y`).data)).toBeLessThan(2e-5);
  });
});

/** A zero-padded window of all channels. */
function cut(x: Tensor, [ni, nj, nk]: Index3, before: Index3, [i0, j0, k0]: Index3, [wi, wj, wk]: Index3): Float32Array {
  const channels = x.shape[1];
  const out = new Float32Array(channels * wi * wj * wk);
  for (let c = 0, n = 0; c < channels; c++)
    for (let k = 0; k < wk; k++)
      for (let j = 0; j < wj; j++)
        for (let i = 0; i < wi; i++, n++) {
          const [a, b, d] = [i0 + i - before[0], j0 + j - before[1], k0 + k - before[2]];
          if (a >= 0 && b >= 0 && d >= 0 && a < ni && b < nj && d < nk) out[n] = x.data[a + ni * (b + nj * (d + nk * c))];
        }
  return out;
}

/** Convolution 3³ with zero padding, ReLU, convolution 1³: the network of the reference run. */
function network(name: string, x: Float32Array, [ni, nj, nk]: Index3): Float32Array {
  const [w1, b1, w2] = ['w1', 'b1', 'w2'].map((key) => get(`param.${name}.${key}`));
  const [hidden, channels, count] = [w1.shape[0], w1.shape[1], ni * nj * nk];
  const middle = new Float32Array(hidden * count);
  for (let h = 0; h < hidden; h++)
    for (let k = 0; k < nk; k++)
      for (let j = 0; j < nj; j++)
        for (let i = 0; i < ni; i++) {
          let sum = b1.data[h];
          for (let c = 0; c < channels; c++)
            for (let t = 0; t < 27; t++) {
              const [a, b, d] = [i + (t % 3) - 1, j + (Math.floor(t / 3) % 3) - 1, k + Math.floor(t / 9) - 1];
              if (a < 0 || b < 0 || d < 0 || a >= ni || b >= nj || d >= nk) continue;
              sum += w1.data[(h * channels + c) * 27 + t] * x[a + ni * (b + nj * (d + nk * c))];
            }
          middle[h * count + i + ni * (j + nj * k)] = Math.max(0, sum);
        }
  const out = new Float32Array(w2.shape[0] * count);
  for (let o = 0; o < w2.shape[0]; o++)
    for (let h = 0; h < hidden; h++) for (let n = 0; n < count; n++) out[o * count + n] += w2.data[o * hidden + h] * middle[h * count + n];
  return out;
}

/** Copies a finished slice into a [channel, k, j, i] array, without the padding. */
function keep(
  out: Float32Array,
  [ni, nj, nk]: Index3,
  padded: { before: Index3; size: Index3 },
  channels: number,
  k: number,
  scores: Float32Array,
): void {
  const d = k - padded.before[2];
  if (d < 0 || d >= nk) return;
  for (let c = 0; c < channels; c++)
    for (let j = 0; j < nj; j++)
      for (let i = 0; i < ni; i++) {
        out[i + ni * (j + nj * (d + nk * c))] = scores[i + padded.before[0] + padded.size[0] * (j + padded.before[1] + padded.size[1] * c)];
      }
}
