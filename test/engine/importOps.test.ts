/** Every operator the importer knows, in the manner of every version that writes it differently: onnxruntime on the file is the judge. */
import { expect, test } from 'vitest';
import { encodeModel, type FileAttribute } from '../../src/main/engine/onnx';
import type { Dtype, Tensor } from '../../src/main/engine/tensor';
import { disagreement, drawn, floats, ints, type Line, modelOf, one, whole } from './importNodes';

interface Case {
  name: string;
  opset: number;
  image: readonly number[];
  lines: readonly Line[];
  weights: Readonly<Record<string, Tensor>>;
  outputs?: readonly string[];
  types?: Readonly<Record<string, Dtype>>;
}
const cases: Case[] = [];
type Settings = Readonly<Record<string, FileAttribute>>;
/** One node from the image `x` and the weights, in the order they are given, to `y`. */
function single(
  op: string,
  opset: number,
  image: readonly number[],
  attributes: Settings = {},
  weights: Record<string, Tensor> = {},
): void {
  const lines: Line[] = [[op, ['x', ...Object.keys(weights)].join(' ').replace(/none\d*/g, '-'), 'y', attributes]];
  const given = Object.fromEntries(Object.entries(weights).filter(([name]) => !name.startsWith('none')));
  const types: Record<string, Dtype> =
    /^Arg/.test(op) || attributes.to === 7 ? { y: 'int64' } : attributes.to === 11 ? { y: 'float64' } : {};
  const said = JSON.stringify(attributes);
  cases.push({
    name: `${op} ${opset} [${image}] ${said} ${Object.values(weights).map(({ dims }) => `[${dims}]`)}`,
    opset,
    image,
    lines,
    weights: given,
    types,
  });
}
function several(
  name: string,
  opset: number,
  image: readonly number[],
  lines: readonly Line[],
  weights: Record<string, Tensor> = {},
  outputs?: string[],
): void {
  cases.push({ name: `${name} ${opset}`, opset, image, lines, weights, outputs, types: { p: name === 'TopK' ? 'int64' : 'float32' } });
}
const float = (value: number) => ({ float: value });
const none: Tensor = floats();

for (const op of [
  'Relu',
  'Sigmoid',
  'Tanh',
  'Erf',
  'Exp',
  'Neg',
  'Abs',
  'Sin',
  'Cos',
  'Floor',
  'Ceil',
  'Round',
  'Sign',
  'Softplus',
  'Softsign',
  'HardSwish',
  'Identity',
  'Dropout',
  'Elu',
  'Selu',
  'Celu',
  'HardSigmoid',
  'LeakyRelu',
  'ThresholdedRelu',
  'Reciprocal',
])
  single(op, 14, [2, 3, 4]);
single('Elu', 7, [2, 5], { alpha: float(0.3) });
single('Celu', 12, [2, 5], { alpha: float(0.3) });
single('LeakyRelu', 7, [2, 5], { alpha: float(0.2) });
single('HardSigmoid', 7, [2, 5], { alpha: float(0.3), beta: float(0.4) });
single('Mish', 18, [2, 5]);
single('Gelu', 20, [2, 5]);
single('Gelu', 20, [2, 5], { approximate: 'tanh' });
single('PRelu', 9, [2, 3, 4], {}, { slope: drawn(3, 1) });
single('PRelu', 9, [2, 3, 4], {}, { slope: drawn(1) });
single('Clip', 6, [2, 5], { min: float(-0.2), max: float(0.4) });
single('Clip', 6, [2, 5], { min: float(0), max: float(3.4028234663852886e38) });
single('Clip', 11, [2, 5], {}, { low: one(-0.2), high: one(0.4) });
single('Clip', 13, [2, 5], {}, { none1: none, high: one(0.4) });
for (const op of ['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'PRelu']) single(op, 13, [2, 3, 4], {}, { b: drawn(3, 1) });
single('Sum', 13, [2, 3], {}, { b: drawn(3), c: drawn(2, 1) });
single('Mean', 13, [2, 3], {}, { b: drawn(3), c: drawn(2, 1) });
single('Min', 8, [2, 3], {}, { b: drawn(2, 3), c: drawn(2, 3) });
single('Pow', 12, [2, 3], {}, { p: one(2) });
single('Pow', 12, [2, 3], {}, { p: whole(3) });
for (const op of ['Equal', 'Less', 'Greater', 'LessOrEqual', 'GreaterOrEqual'])
  several(
    op,
    16,
    [2, 5],
    [
      [op, 'x b', 'c'],
      ['Not', 'c', 'n'],
      ['Where', 'n x b', 'y'],
    ],
    { b: drawn(2, 5) },
  );
several(
  'And, Or',
  13,
  [2, 5],
  [
    ['Less', 'x h', 'a'],
    ['Greater', 'x l', 'b'],
    ['And', 'a b', 'c'],
    ['Or', 'c b', 'd'],
    ['Cast', 'd', 'y', { to: 1 }],
  ],
  { h: one(0.5), l: one(-0.5) },
);
for (const opset of [11, 13]) {
  for (const axis of [1, 2, -1]) {
    single('Softmax', opset, [2, 3, 4], { axis });
    single('LogSoftmax', opset, [2, 3, 4], { axis });
  }
  single('Softmax', opset, [2, 3, 4]);
}

const kernel = [3, 3];
single(
  'Conv',
  7,
  [2, 2, 6, 7],
  { kernel_shape: kernel, pads: [1, 0, 2, 1], strides: [2, 1], dilations: [1, 2] },
  { w: drawn(4, 2, 3, 3), b: drawn(4) },
);
single('Conv', 11, [1, 4, 6, 7], { kernel_shape: kernel, group: 2, auto_pad: 'SAME_LOWER', strides: [2, 2] }, { w: drawn(4, 2, 3, 3) });
single('Conv', 11, [1, 4, 6, 7], { group: 4, auto_pad: 'VALID' }, { w: drawn(4, 1, 2, 3), b: drawn(4) });
single('Conv', 11, [1, 2, 9], { pads: [1, 1] }, { w: drawn(3, 2, 3) });
single('Conv', 11, [1, 2, 4, 5, 6], { pads: [1, 1, 1, 1, 1, 1] }, { w: drawn(3, 2, 3, 3, 3) });
single(
  'ConvTranspose',
  11,
  [1, 2, 4, 5],
  { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 0] },
  { w: drawn(2, 3, 3, 3), b: drawn(3) },
);
single('ConvTranspose', 11, [1, 4, 4, 5], { strides: [2, 1], dilations: [1, 2], group: 2 }, { w: drawn(4, 3, 3, 3), b: drawn(6) });
single('ConvTranspose', 11, [1, 2, 4, 5], { strides: [2, 2], output_shape: [8, 10] }, { w: drawn(2, 3, 3, 3) });
single('ConvTranspose', 11, [1, 2, 4, 5], { strides: [2, 2], auto_pad: 'SAME_UPPER' }, { w: drawn(2, 3, 3, 3) });
single('ConvTranspose', 11, [1, 2, 3, 4, 2], { strides: [2, 2, 2], kernel_shape: [2, 2, 2] }, { w: drawn(2, 3, 2, 2, 2), b: drawn(3) });
for (const op of ['MaxPool', 'AveragePool']) {
  single(op, 8, [1, 2, 6, 7], { kernel_shape: [2, 2], strides: [2, 2] });
  single(op, 11, [1, 2, 6, 7], { kernel_shape: kernel, strides: [2, 2], pads: [1, 1, 1, 1] });
  single(op, 11, [1, 2, 6, 7], { kernel_shape: kernel, strides: [2, 2], pads: [0, 1, 1, 0] });
  single(op, 11, [1, 2, 6, 8], { kernel_shape: kernel, strides: [2, 2], ceil_mode: 1 });
  single(op, 11, [1, 2, 7, 6], { kernel_shape: [2, 2], auto_pad: 'SAME_UPPER', strides: [2, 2] });
  single(op, 11, [1, 2, 4, 5, 6], { kernel_shape: [2, 2, 2], strides: [2, 2, 2] });
}
single('MaxPool', 11, [1, 2, 8, 7], { kernel_shape: kernel, dilations: [2, 1], pads: [1, 1, 1, 1], strides: [2, 1] });
single('AveragePool', 11, [1, 2, 6, 7], { kernel_shape: kernel, strides: [2, 2], pads: [1, 1, 1, 1], count_include_pad: 1 });
single('GlobalAveragePool', 7, [2, 3, 4, 5]);
single('GlobalMaxPool', 7, [2, 3, 4, 5]);

const statistics = { scale: drawn(3), shift: drawn(3), mean: drawn(3), variance: floats(0.5, 1, 2) };
single('BatchNormalization', 9, [2, 3, 4, 5], { epsilon: float(0.01) }, statistics);
single('BatchNormalization', 15, [2, 3, 4], {}, statistics);
single('InstanceNormalization', 6, [2, 3, 4, 5], {}, { scale: drawn(3), shift: drawn(3) });
single('LayerNormalization', 17, [2, 3, 4], {}, { scale: drawn(4), shift: drawn(4) });
single('LayerNormalization', 17, [2, 3, 4], { axis: 1, epsilon: float(0.1) }, { scale: drawn(3, 4) });
single('GroupNormalization', 18, [2, 4, 5], { num_groups: 2 }, { scale: drawn(2), shift: floats(0.5, -1) });
single('GroupNormalization', 21, [2, 4, 5], { num_groups: 2 }, { scale: drawn(4), shift: floats(0.5, -1, 2, 0) });
single('LpNormalization', 1, [2, 3, 4], { axis: 1 });

for (const op of [
  'ReduceMean',
  'ReduceMax',
  'ReduceMin',
  'ReduceL1',
  'ReduceL2',
  'ReduceSumSquare',
  'ReduceLogSumExp',
  'ReduceProd',
  'ReduceSum',
]) {
  single(op, 11, [2, 3, 4], { axes: [1, -1], keepdims: 0 });
  single(op, 11, [2, 3, 4], { axes: [2] });
  single(op, 18, [2, 3, 4], {}, { axes: ints(0, 2) });
  single(op, 18, [2, 3], { keepdims: 0 });
}
single('ReduceMean', 18, [2, 3], { noop_with_empty_axes: 1 });
single('ReduceSum', 13, [2, 3, 4], { keepdims: 0 }, { axes: ints(-2) });
single('ArgMax', 13, [2, 3, 4], { axis: 1 });
single('ArgMax', 13, [2, 3, 4], { axis: -1, keepdims: 0 });
single('ArgMin', 13, [2, 3, 4], { axis: 1, keepdims: 0 });
several('TopK', 11, [2, 6], [['TopK', 'x k', 'y p', { axis: -1, largest: 0 }]], { k: ints(3) }, ['y', 'p']);
single('CumSum', 14, [2, 6], {}, { axis: whole(1) });
single('CumSum', 14, [2, 6], { exclusive: 1, reverse: 1 }, { axis: whole(-1) });

single('MatMul', 13, [2, 3, 4], {}, { b: drawn(4, 5) });
single('MatMul', 13, [2, 3, 4], {}, { b: drawn(4) });
single('MatMul', 13, [4], {}, { b: drawn(2, 4, 3) });
single('Gemm', 7, [2, 3], { alpha: float(0.5), beta: float(2), transB: 1 }, { b: drawn(4, 3), c: drawn(4) });
single('Gemm', 13, [3, 2], { transA: 1 }, { b: drawn(3, 4) });
for (const [equation, dims] of [
  ['bij,bjk->bik', [2, 4, 3]],
  ['bij,jk->bki', [4, 3]],
  ['bij,bij->b', [2, 3, 4]],
  ['bij,bkj->bik', [2, 5, 4]],
  ['abc,dc', [2, 4]],
] as const)
  single('Einsum', 12, [2, 3, 4], { equation }, { b: drawn(...dims) });
single('Einsum', 12, [2, 3, 4], { equation: 'abc->ca' });

for (const mode of ['constant', 'edge', 'reflect']) {
  single('Pad', 2, [1, 2, 4, 5], { mode, pads: [0, 0, 1, 2, 0, 0, 3, 1], value: float(0.5) });
  single('Pad', 11, [1, 2, 4, 5], { mode }, { pads: ints(0, 0, 1, 2, 0, 0, 3, 1) });
}
single('Pad', 13, [1, 2, 4, 5], {}, { pads: ints(0, 0, -1, 2, 0, 0, 3, -1), value: one(-2) });
single('Pad', 18, [1, 2, 4, 5], {}, { pads: ints(1, 2, 0, 1), value: one(1), axes: ints(-1, 2) });
single('Pad', 19, [1, 2, 4, 5], { mode: 'wrap' }, { pads: ints(0, 0, 1, 2, 0, 0, 3, 1) });
single('Slice', 9, [3, 6, 5], { starts: [1, -3], ends: [6, 9999], axes: [1, 2] });
single('Slice', 9, [3, 6, 5], { starts: [1], ends: [-1] });
single('Slice', 13, [3, 6, 5], {}, { starts: ints(0), ends: ints(Number.MAX_SAFE_INTEGER), axes: ints(-2), steps: ints(4) });
single('Slice', 13, [3, 6, 5], {}, { starts: ints(-1, 4), ends: ints(-9999, 0), axes: ints(0, 1), steps: ints(-1, -2) });
several('Split', 2, [2, 7], [['Split', 'x', 'a b', { axis: 1, split: [3, 4] }]], {}, ['a', 'b']);
several('Split', 11, [2, 6], [['Split', 'x', 'a b c', { axis: -1 }]], {}, ['a', 'c']);
several('Split', 13, [2, 7], [['Split', 'x s', 'a b', { axis: 1 }]], { s: ints(3, 4) }, ['a', 'b']);
several('Split', 18, [2, 7], [['Split', 'x', 'a b c', { axis: 1, num_outputs: 3 }]], {}, ['a', 'b', 'c']);
single('Concat', 13, [2, 3], { axis: -1 }, { b: drawn(2, 2), c: drawn(2, 1) });
single('Transpose', 13, [2, 3, 4]);
single('Transpose', 13, [2, 3, 4], { perm: [1, 2, 0] });
single('Reshape', 13, [2, 3, 4], {}, { s: ints(0, -1) });
single('Reshape', 13, [2, 3, 4], {}, { s: ints(4, 0, 2) });
for (const axis of [0, 1, 2, -1]) single('Flatten', 13, [2, 3, 4], { axis });
single('Squeeze', 11, [2, 1, 3, 1], { axes: [1] });
single('Squeeze', 13, [2, 1, 3, 1]);
single('Squeeze', 13, [2, 1, 3, 1], {}, { a: ints(-1) });
single('Unsqueeze', 11, [2, 3], { axes: [0, 3] });
single('Unsqueeze', 13, [2, 3], {}, { a: ints(-1, 0) });
single('Expand', 13, [2, 1, 3], {}, { s: ints(4, 1, 5, 1) });
single('Tile', 13, [2, 3], {}, { n: ints(2, 3) });
single('Gather', 13, [4, 5], { axis: 1 }, { i: ints(0, -1, 2) });
single('Gather', 13, [4, 5], { axis: 0 }, { i: whole(-2) });
single('Gather', 13, [4, 5], { axis: 0 }, { i: { dims: [2, 2], data: BigInt64Array.of(0n, 1n, 2n, 0n) } });
single('GatherElements', 13, [2, 3], { axis: 1 }, { i: { dims: [2, 2], data: BigInt64Array.of(0n, 1n, 2n, 0n) } });
single('DepthToSpace', 13, [1, 8, 2, 3], { blocksize: 2 });
single('DepthToSpace', 13, [1, 8, 2, 3], { blocksize: 2, mode: 'CRD' });
single('SpaceToDepth', 13, [1, 2, 4, 6], { blocksize: 2 });
single('Trilu', 14, [2, 4, 5], { upper: 0 }, { k: whole(1) });
single('Cast', 13, [2, 3], { to: 11 });
single('Cast', 13, [2, 3], { to: 7 });

for (const opset of [7, 9]) {
  for (const mode of ['nearest', 'linear']) {
    const scales = [1, 1, 2, 3];
    if (opset === 7) single('Upsample', 7, [1, 2, 3, 4], { mode, scales: { floats: scales } });
    else single('Upsample', 9, [1, 2, 3, 4], { mode }, { s: floats(...scales) });
    if (opset === 9) single('Resize', 10, [1, 2, 3, 4], { mode }, { s: floats(1, 1, 2, 1.5) });
  }
}
for (const coordinate_transformation_mode of ['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric']) {
  for (const mode of ['nearest', 'linear', 'cubic']) {
    const attributes = { mode, coordinate_transformation_mode };
    single('Resize', 11, [1, 2, 5, 4], attributes, { roi: none, s: floats(1, 1, 2, 1.6) });
    single('Resize', 13, [1, 2, 5, 4], attributes, { none1: none, none2: none, n: ints(1, 2, 7, 3) });
  }
}
for (const nearest_mode of ['round_prefer_ceil', 'floor', 'ceil'])
  single(
    'Resize',
    13,
    [1, 2, 5, 4],
    { mode: 'nearest', nearest_mode, coordinate_transformation_mode: 'asymmetric' },
    { none1: none, none2: none, n: ints(1, 2, 8, 3) },
  );
single(
  'Resize',
  13,
  [1, 2, 5, 4],
  { mode: 'cubic', cubic_coeff_a: float(-0.5), exclude_outside: 1 },
  { none1: none, none2: none, n: ints(1, 2, 9, 8) },
);
single('Resize', 13, [1, 2, 3, 4, 2], { mode: 'linear' }, { none1: none, none2: none, n: ints(1, 2, 5, 4, 4) });
single('Resize', 18, [1, 2, 5, 4], { mode: 'linear', axes: [2, 3] }, { none1: none, none2: none, n: ints(8, 8) });
single(
  'Resize',
  19,
  [1, 2, 5, 4],
  { mode: 'linear', coordinate_transformation_mode: 'half_pixel_symmetric' },
  { none1: none, s: floats(1, 1, 1.3, 1.7) },
);

const shape: Line = ['Shape', 'x', 's'];
several(
  'a reshape by computed sizes',
  13,
  [2, 6, 4],
  [shape, ['Gather', 's zero', 'n'], ['Unsqueeze', 'n first', 'u'], ['Concat', 'u rest', 'all', { axis: 0 }], ['Reshape', 'x all', 'y']],
  { zero: whole(0), first: ints(0), rest: ints(3, -1) },
);
several(
  'sizes through real numbers',
  11,
  [1, 2, 6, 4],
  [
    shape,
    ['Slice', 's from to', 'hw'],
    ['Cast', 'hw', 'f', { to: 1 }],
    ['Mul', 'f scale', 'm'],
    ['Floor', 'm', 'd'],
    ['Cast', 'd', 'i', { to: 7 }],
    ['Slice', 's zero from', 'nc'],
    ['Concat', 'nc i', 'n', { axis: 0 }],
    ['Resize', 'x none none n', 'y', { mode: 'linear' }],
  ],
  { from: ints(2), to: ints(4), zero: ints(0), scale: floats(1.5, 2), none },
);
several(
  'a grid of positions',
  13,
  [1, 6],
  [
    shape,
    ['Gather', 's one', 'w'],
    ['Range', 'zero w one', 'r'],
    ['Cast', 'r', 'f', { to: 1 }],
    ['ConstantOfShape', 's', 'c', { value: { tensor: { name: '', dtype: 'float32', dims: [1], data: Float32Array.of(2) } } }],
    ['Mul', 'f c', 'g'],
    ['Add', 'x g', 'y'],
  ],
  { zero: whole(0), one: whole(1) },
);
several(
  'whole numbers divided, compared and chosen',
  13,
  [3, 7],
  [
    shape,
    ['Gather', 's one', 'w'],
    ['Div', 'w two', 'h'],
    ['Mod', 'w two', 'r'],
    ['Equal', 'r one', 'odd'],
    ['Where', 'odd h w', 'size'],
    ['Unsqueeze', 'size zero', 'end'],
    ['Neg', 'end', 'back'],
    ['Max', 'end zero', 'e'],
    ['Slice', 'x zero e zero1', 'y'],
  ],
  { zero: ints(0), zero1: ints(1), one: whole(1), two: whole(2) },
);
several(
  'constants of all kinds',
  13,
  [2, 3],
  [
    ['Constant', '', 'a', { value_float: float(2) }],
    ['Constant', '', 'b', { value_floats: { floats: [1, 2, 3] } }],
    ['Constant', '', 'c', { value_ints: [3, 2] }],
    ['Constant', '', 'd', { value_int: 0 }],
    ['Reshape', 'x c', 'r'],
    ['Gather', 'b d', 'e'],
    ['Mul', 'r a', 'm'],
    ['Add', 'm e', 'y'],
  ],
);
several(
  'sizes and shares of a shape',
  15,
  [2, 3, 4],
  [
    ['Shape', 'x', 's', { start: 1 }],
    ['ReduceProd', 's', 'p', { keepdims: 1 }],
    ['Size', 'x', 'z'],
    ['Concat', 'minus p', 'to', { axis: 0 }],
    ['Reshape', 'x to', 'r'],
    ['Cast', 'z', 'f', { to: 1 }],
    ['Div', 'r f', 'y'],
  ],
  { minus: ints(-1) },
);

test.each(cases)('$name', async (written) => {
  const model = modelOf(written);
  expect(await disagreement(encodeModel(model), model, drawn(...written.image))).toBeLessThan(1e-5);
});
