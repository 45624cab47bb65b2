/** The blended prediction of a small convolutional network over sliding windows, against MONAI's `sliding_window_inference`. */
import { describe, expect, test } from 'vitest';
import { slideOver } from '../../src/main/methods/training/wholeCase';
import type { Index3 } from '../../src/shared/geometry';
import { difference, golden } from './golden';

const { tensors, metadata } = golden('sliding_window/monai.safetensors');
const get = (name: string) => tensors.get(name)!;
// numpy's last axis is the fastest, as our first is: reading shapes backwards makes the same bytes ours.
const backwards = (shape: number[]): Index3 => [...shape].reverse() as unknown as Index3;

describe.each(['gauss3d_o50', 'gauss3d_o25', 'gauss3d_pad'])('%s', (name) => {
  test('is what the reference predicts', async () => {
    const set = JSON.parse(metadata[name]) as { shape: number[]; roi: number[]; overlap: number };
    const [size, patch] = [backwards(set.shape.slice(2)), backwards(set.roi)];
    const x = get(`in.${name}.x`);
    const classes = get(`param.${name}.w2`).shape[0];
    const plane = size[0] * size[1];
    const study = {
      size,
      outside: Array<number>(set.shape[1]).fill(0),
      read: (channel: number, k0: number, k1: number) =>
        x.data.slice((channel * size[2] + k0) * plane, (channel * size[2] + k1) * plane) as Float32Array,
    };
    const out = new Float32Array(classes * plane * size[2]);
    await slideOver(
      study,
      async (window) => network(name, window, patch),
      { patch, classes, overlap: set.overlap },
      (k, scores) => {
        for (let c = 0; c < classes; c++) out.set(scores.subarray(c * plane, (c + 1) * plane), (c * size[2] + k) * plane);
      },
    );
    expect(difference(out, get(`out.${name}.y`).data)).toBeLessThan(2e-5);
  });
});

/** Convolution 3³ with zero padding, ReLU, convolution 1³: the network of the reference run. */
function network(name: string, x: Float32Array, [ni, nj, nk]: Index3): Float32Array {
  const [w1, b1, w2] = ['w1', 'b1', 'w2'].map((key) => get(`param.${name}.${key}`));
  const [hidden, channels, count] = [w1.shape[0], w1.shape[1], ni * nj * nk];
  const out = new Float32Array(w2.shape[0] * count);
  for (let h = 0; h < hidden; h++) {
    for (let n = 0; n < count; n++) {
      const [i, j, k] = [n % ni, Math.floor(n / ni) % nj, Math.floor(n / ni / nj)];
      let sum = b1.data[h];
      for (let t = 0; t < 27; t++) {
        const [a, b, d] = [i + (t % 3) - 1, j + (Math.floor(t / 3) % 3) - 1, k + Math.floor(t / 9) - 1];
        if (a < 0 || b < 0 || d < 0 || a >= ni || b >= nj || d >= nk) continue;
        for (let c = 0; c < channels; c++) sum += w1.data[(h * channels + c) * 27 + t] * x[a + ni * (b + nj * (d + nk * c))];
      }
      for (let o = 0; o < w2.shape[0]; o++) out[o * count + n] += w2.data[o * hidden + h] * Math.max(0, sum);
    }
  }
  return out;
}
