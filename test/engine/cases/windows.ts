/** Convolution, pooling and interpolation. */
import { adaptiveAveragePool, averagePool } from '../../../src/main/engine/ops/averagePooling';
import { conv } from '../../../src/main/engine/ops/convolution';
import { convTranspose } from '../../../src/main/engine/ops/convolutionTransposed';
import { gridSample } from '../../../src/main/engine/ops/gridSample';
import { type Curve, interpolate, interpolateBy } from '../../../src/main/engine/ops/interpolate';
import { maxPool } from '../../../src/main/engine/ops/pooling';
import type { Random } from '../../../src/shared/random';
import { between, type DrawnCase, draw, imageOf, oneOf, times } from './draw';

interface Window {
  side: number;
  kernel: number;
  stride: number;
  dilation: number;
  before: number;
  after: number;
}
/** A kernel with stride, dilation and padding that fits on an axis. */
function windowOn(s: Random, axes: number): Window {
  for (;;) {
    const side = between(s, 1, axes === 3 ? 5 : 7);
    const [kernel, stride, dilation] = [between(s, 1, 3), oneOf(s, [1, 1, 2, 3]), oneOf(s, [1, 1, 2])];
    const before = between(s, 0, 2);
    const after = oneOf(s, [before, before, between(s, 0, 2)]);
    if (side + before + after > dilation * (kernel - 1)) return { side, kernel, stride, dilation, before, after };
  }
}
const windowsOn = (s: Random, axes: number): Window[] => times(axes, () => windowOn(s, axes));
const showWindows = (windows: readonly Window[]) =>
  windows.map((w) => `${w.kernel}/${w.stride}${w.dilation > 1 ? ` dilated ${w.dilation}` : ''} +${w.before}+${w.after}`).join(', ');

const convolutions: DrawnCase[] = [
  ...draw('conv', 420, (s) => {
    const windows = windowsOn(s, between(s, 1, 3));
    const groups = oneOf(s, [1, 1, 1, 2, 3]);
    const [from, to] = [groups * between(s, 1, 2), groups * between(s, 1, 3)];
    const options = {
      strides: windows.map((w) => w.stride),
      dilations: windows.map((w) => w.dilation),
      before: windows.map((w) => w.before),
      after: windows.map((w) => w.after),
      groups,
    };
    const bias = s.uniform() < 0.5 ? [[to]] : [];
    return {
      as: `${showWindows(windows)}${groups > 1 ? ` in ${groups} groups` : ''}`,
      shapes: [[between(s, 1, 2), from, ...windows.map((w) => w.side)], [to, from / groups, ...windows.map((w) => w.kernel)], ...bias],
      build: (x, w, b) => conv(x, w, b ?? null, options),
    };
  }),
  ...draw('depthwise conv', 60, (s) => {
    const axes = between(s, 2, 3);
    const [groups, each] = [between(s, 2, 4), between(s, 1, 2)];
    const dims = [between(s, 1, 2), groups, ...times(axes, () => between(s, 3, 5))];
    const stride = between(s, 1, 2);
    return {
      as: `stride ${stride}`,
      shapes: [dims, [groups * each, 1, ...times(axes, () => 3)], [groups * each]],
      build: (x, w, b) => conv(x, w, b, { strides: times(axes, () => stride), before: times(axes, () => 1), groups }),
    };
  }),
  ...draw('patch embedding', 40, (s) => {
    const patches = times(between(s, 2, 3), () => between(s, 2, 3));
    const shapes = [
      [1, between(s, 1, 2), ...patches.map((side) => side * between(s, 1, 2))],
      [between(s, 1, 4), 0, ...patches],
    ];
    shapes[1][1] = shapes[0][1];
    return { shapes, build: (x, w) => conv(x, w, null, { strides: patches }) };
  }),
  ...draw('wide conv to few channels', 20, (s) => {
    const axes = between(s, 2, 3);
    const shapes = [
      [1, 4, ...times(axes, () => between(s, 3, 4))],
      [2, 4, ...times(axes, () => 3)],
    ];
    const before = times(axes, () => between(s, 0, 1));
    return { as: `+${before}`, shapes, build: (x, w) => conv(x, w, null, { before }) };
  }),
  // Enough channels for the gradient of the weights to shift its kernel beforehand, or just too many.
  ...draw('conv of several channels', 24, (s) => {
    const windows = windowsOn(s, between(s, 2, 3)).map((w) => ({ ...w, side: Math.min(w.side, 4), dilation: 1 }));
    const [from, to] = [between(s, 4, 6), oneOf(s, [3, 4, 5, 12, 13])];
    return {
      as: showWindows(windows),
      shapes: [
        [between(s, 1, 2), from, ...windows.map((w) => Math.max(w.side, w.kernel))],
        [to, from, ...windows.map((w) => w.kernel)],
      ],
      build: (x, w) => conv(x, w, null, { strides: windows.map((w) => w.stride), before: windows.map((w) => w.before) }),
    };
  }),
  ...draw('transposed conv', 140, (s) => {
    const axes = between(s, 2, 3);
    const groups = between(s, 1, 2);
    const [kernel, strides] = [times(axes, () => between(s, 1, 4)), times(axes, () => between(s, 1, 3))];
    const isTiled = s.uniform() < 0.4;
    const options = isTiled
      ? { strides: kernel, groups }
      : {
          strides,
          before: kernel.map((side) => s.integer(Math.min(2, side))),
          outputPadding: strides.map((stride) => s.integer(stride)),
          groups,
        };
    const shapes = [
      [between(s, 1, 2), groups * between(s, 1, 2), ...kernel.map(() => between(s, 2, 3))],
      [0, between(s, 1, 3), ...kernel],
    ];
    shapes[1][0] = shapes[0][1];
    return {
      as: `stride ${options.strides} before ${options.before ?? 0} groups ${groups}`,
      shapes: [...shapes, [groups * shapes[1][1]]],
      build: (x, w, b) => convTranspose(x, w, b, options),
    };
  }),
];

const pools: DrawnCase[] = [
  ...draw('max-pool', 140, (s) => {
    const dims = imageOf(s, [2, 6]);
    const sides = dims.slice(2);
    const kernel = sides.map((side) => between(s, 1, Math.min(3, side)));
    const tiles = s.uniform() < 0.4;
    const strides = tiles ? kernel : kernel.map(() => between(s, 1, 3));
    const padding = kernel.map((side) => (tiles ? 0 : s.integer(Math.floor(side / 2) + 1)));
    return { as: `${kernel} stride ${strides} padding ${padding}`, shapes: [dims], build: (x) => maxPool(x, kernel, { strides, padding }) };
  }),
  ...draw('average pool', 80, (s) => {
    const dims = imageOf(s, [2, 6]);
    const kernel = dims.slice(2).map((side) => between(s, 1, Math.min(3, side)));
    const options = {
      strides: kernel.map(() => between(s, 1, 3)),
      padding: kernel.map((side) => s.integer(Math.floor(side / 2) + 1)),
      countsPadding: s.uniform() < 0.5,
    };
    return { as: `${kernel} ${JSON.stringify(options)}`, shapes: [dims], build: (x) => averagePool(x, kernel, options) };
  }),
  ...draw('adaptive average pool', 40, (s) => {
    const dims = imageOf(s, [1, 6]);
    const size = dims.slice(2).map((side) => between(s, 1, side + 1));
    return { as: `to ${size}`, shapes: [dims], build: (x) => adaptiveAveragePool(x, size) };
  }),
];

const curves: readonly Curve[] = ['linear', 'cubic', 'nearest', 'nearestExact'];
const grids: DrawnCase[] = [
  ...draw('interpolate', 160, (s) => {
    const dims = imageOf(s, [1, 5]);
    const size = dims.slice(2).map(() => between(s, 1, 7));
    const [corners, curve] = [oneOf(s, ['aligned', 'halfPixel'] as const), oneOf(s, curves)];
    return { as: `to ${size} ${corners} ${curve}`, shapes: [dims], build: (x) => interpolate(x, size, corners, curve) };
  }),
  ...draw('interpolate by a factor', 80, (s) => {
    const dims = imageOf(s, [2, 5]);
    const factors = dims.slice(2).map(() => oneOf(s, [0.5, 1, 1.5, 2, 2.25, 3]));
    const [corners, curve] = [oneOf(s, ['aligned', 'halfPixel'] as const), oneOf(s, curves)];
    return { as: `${factors} ${corners} ${curve}`, shapes: [dims], build: (x) => interpolateBy(x, factors, corners, curve) };
  }),
  ...draw('grid sample', 50, (s) => {
    const dims = imageOf(s, [1, 4]);
    const axes = dims.length - 2;
    const corners = oneOf(s, ['aligned', 'halfPixel'] as const);
    return {
      as: corners,
      shapes: [dims, [dims[0], ...times(axes, () => between(s, 1, 2)), axes]],
      build: (x, places) => gridSample(x, places, corners),
    };
  }),
];

export const windowCases: DrawnCase[] = [...convolutions, ...pools, ...grids];
