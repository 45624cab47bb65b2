/** Channels as blocks of voxels, and back: [N, C·|δ|, s…] and [N, C, s·δ…], where a block has δ voxels along each axis. */
import { type Attributes, defineOp, type Form, listOf, type Op, type Value } from '../graph';
import { showDims, sizeOf } from '../tensor';
import { reshape, transpose } from './shape';

const blockOf = (attributes: Attributes) => listOf(attributes, 'block');

/** Every |δ| channels become the voxels of one block (Shi et al. 2016). A gradient is gathered back. */
const spreadOp: Op = defineOp('ChannelsToBlocks', {
  shape: ([x], attributes) => {
    const block = blockOf(attributes);
    const [batch, channels, ...sides] = x.dims;
    if (sides.length !== block.length || channels % sizeOf(block) !== 0) {
      throw new Error(`ChannelsToBlocks: ${showDims(x.dims)} has no channels for blocks of ${showDims(block)}`);
    }
    return [batch, channels / sizeOf(block), ...sides.map((side, i) => side * block[i])];
  },
  grad: (g, _y, _inputs, attributes) => [gathered(g, blockOf(attributes))],
  lower: ([x], attributes, form) => {
    const block = blockOf(attributes);
    const { dims } = spread(x, block);
    const planes = planesOf(dims, block, form);
    if (!planes) return null;
    const { lead, side, counts, depth, layers } = planes;
    const sorted = swapped(x, [lead, layers, side * side, depth, sizeOf(counts)], [0, 3, 1, 2, 4]);
    const rows = reshape(sorted, [lead * depth * layers, side * side, ...counts]);
    return reshape(depthToSpace.of([rows], { blocksize: side, mode: 'CRD' }), dims);
  },
  written: ([x], attributes) => {
    const block = blockOf(attributes);
    const [batch, , ...counts] = x.dims;
    const { dims } = spread(x, block);
    const apart = reshape(x, [batch, dims[1], ...block, ...counts]);
    const paired = transpose(apart, [0, 1, ...block.flatMap((_, i) => [2 + block.length + i, 2 + i])]);
    return reshape(paired, dims);
  },
});
export const spread = (x: Value, block: readonly number[]): Value => spreadOp.of([x], { block });

/** The voxels of every block become channels. A gradient is spread out again. */
const gatheredOp: Op = defineOp('BlocksToChannels', {
  shape: ([y], attributes) => {
    const block = blockOf(attributes);
    const [batch, channels, ...sides] = y.dims;
    if (sides.length !== block.length || sides.some((side, i) => side % block[i] !== 0)) {
      throw new Error(`BlocksToChannels: ${showDims(y.dims)} does not consist of blocks of ${showDims(block)}`);
    }
    return [batch, channels * sizeOf(block), ...sides.map((side, i) => side / block[i])];
  },
  grad: (g, _y, _inputs, attributes) => [spread(g, blockOf(attributes))],
  lower: ([y], attributes, form) => {
    const block = blockOf(attributes);
    const planes = planesOf(y.dims, block, form);
    if (!planes) return null;
    const { lead, side, counts, depth, layers } = planes;
    const rows = reshape(y, [lead * depth * layers, 1, ...counts.map((count) => count * side)]);
    const sorted = spaceToDepth.of([rows], { blocksize: side });
    return reshape(swapped(sorted, [lead, depth, layers, side * side, sizeOf(counts)], [0, 2, 3, 1, 4]), gathered(y, block).dims);
  },
  written: ([y], attributes) => {
    const block = blockOf(attributes);
    const { dims } = gathered(y, block);
    const paired = reshape(y, [y.dims[0], y.dims[1], ...block.flatMap((side, i) => [dims[i + 2], side])]);
    const apart = transpose(paired, [0, 1, ...block.map((_, i) => 3 + 2 * i), ...block.map((_, i) => 2 + 2 * i)]);
    return reshape(apart, dims);
  },
});
export const gathered = (y: Value, block: readonly number[]): Value => gatheredOp.of([y], { block });

/**
 * Blocks that are square in the last two axes, as planes: a CPU has kernels for those that take a third of the time of a transpose, which
 * moves number by number; only whole layers are then left to be sorted. Elsewhere null.
 */
function planesOf(dims: readonly number[], block: readonly number[], form: Form) {
  const [layers, side, other] = block.length === 2 ? [1, ...block] : block;
  if (form !== 'cpu' || block.length < 2 || block.length > 3 || side !== other || side === 1 || sizeOf(dims) === 0) return null;
  const depth = block.length === 2 ? 1 : dims[2] / layers;
  return { lead: dims[0] * dims[1], side, counts: dims.slice(-2).map((voxels) => voxels / side), depth, layers };
}

/** x under `dims` with its axes in another order; as it is where there is nothing to sort. */
const swapped = (x: Value, dims: readonly number[], perm: readonly number[]): Value => {
  const sorts = perm.filter((axis) => dims[axis] > 1);
  return sorts.every((axis, i) => i === 0 || axis > sorts[i - 1]) ? x : transpose(reshape(x, dims), perm);
};

const noGradient = (name: string) => () => {
  throw new Error(`${name}: made when an op takes its form, so no gradient can be asked of it`);
};
const depthToSpace: Op = defineOp('DepthToSpace', {
  shape: ([x], { blocksize }) => {
    const side = blocksize as number;
    return [x.dims[0], x.dims[1] / side ** 2, x.dims[2] * side, x.dims[3] * side];
  },
  grad: noGradient('DepthToSpace'),
});
const spaceToDepth: Op = defineOp('SpaceToDepth', {
  shape: ([x], { blocksize }) => {
    const side = blocksize as number;
    return [x.dims[0], x.dims[1] * side ** 2, x.dims[2] / side, x.dims[3] / side];
  },
  grad: noGradient('SpaceToDepth'),
});
