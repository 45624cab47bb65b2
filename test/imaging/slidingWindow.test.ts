/** Windows against MONAI: where they start and how their voxels count. Their blending is tested where it happens, in methods/training. */
import { expect, test } from 'vitest';
import { gaussianImportance, windowStarts } from '../../src/main/imaging/slidingWindow';
import type { Index3 } from '../../src/shared/geometry';
import { difference, golden } from './golden';

const { tensors, metadata } = golden('sliding_window/monai.safetensors');

test.each(['gauss3d_o50', 'gauss3d_o25', 'const3d_o50', 'gauss3d_pad', 'gauss2d_o60'])(
  '%s: windows start where the reference starts them',
  (name) => {
    const { padded, roi, overlap } = JSON.parse(metadata[name]) as { padded: number[]; roi: number[]; overlap: number };
    const { shape, data } = tensors.get(`out.${name}.window_starts`)!;
    const axes = padded.map((n, axis) => windowStarts(n, roi[axis], overlap));
    // The reference lists all windows, its last axis fastest.
    const all = axes.reduce<number[][]>((lists, axis) => lists.flatMap((list) => axis.map((start) => [...list, start])), [[]]);
    expect(all).toEqual(Array.from({ length: shape[0] }, (_, n) => [...data.slice(n * roi.length, (n + 1) * roi.length)]));
  },
);

test.each(['gauss3d_o50', 'gauss3d_o25', 'gauss3d_pad'])('%s: weights are those of the reference', (name) => {
  const { shape, data } = tensors.get(`out.${name}.importance`)!;
  // numpy's last axis is the fastest, as our first is: reading the shape backwards makes the same order.
  expect(difference(gaussianImportance([...shape].reverse() as unknown as Index3), data)).toBeLessThan(1e-6);
});

test('windows cover every voxel of an axis, and none lies outside', () => {
  for (const [size, window, overlap] of [
    [80, 48, 0.5],
    [49, 48, 0.25],
    [48, 48, 0.5],
    [97, 16, 0.9],
  ]) {
    const covered = new Set(windowStarts(size, window, overlap).flatMap((start) => Array.from({ length: window }, (_, n) => start + n)));
    expect([...covered].sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, n) => n));
  }
});
