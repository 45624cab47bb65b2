/** Attention with positions in the scores and one key for all empty ones, apart from any network. */
import { expect, test } from 'vitest';
import { constant, type Value } from '../../src/main/engine/graph';
import { buildModel } from '../../src/main/engine/model';
import { encodeModel } from '../../src/main/engine/onnx';
import { Session } from '../../src/main/engine/session';
import { sizeOf, tensor } from '../../src/main/engine/tensor';
import { attend, indicator } from '../../src/main/networks/sam/positionedAttention';
import { windowedAttention } from '../../src/main/networks/sam/windows';
import { random } from '../../src/shared/random';
import { relativeDifference } from '../golden';

const stream = random(1);
const noise = (...dims: number[]) =>
  constant(
    tensor(
      dims,
      Float32Array.from({ length: sizeOf(dims) }, () => stream.normal()),
    ),
  );
async function evaluate(outputs: Record<string, Value>) {
  const model = buildModel({ name: 'attention', inputs: [], outputs, form: 'cpu' });
  const session = await Session.create(encodeModel(model), { device: 'cpu', threads: 1 });
  const results = await session.run({});
  await session.release();
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]));
}

test('heads that take turns answer as heads that do not', async () => {
  const [windows, heads, rows, columns, width] = [2, 5, 3, 4, 6];
  const tokens = rows * columns;
  const all = {
    ...{ q: noise(windows, heads, tokens, width), k: noise(windows, heads, tokens, width), v: noise(windows, heads, tokens, width) },
    terms: noise(windows, heads, tokens, columns),
    marks: indicator(tokens, columns, (token, mark) => token % columns === mark),
    empty: { score: noise(windows, heads, tokens, 1), value: noise(heads, 1, width) },
    shared: noise(windows, heads, rows, 1, tokens),
  };
  const { together, inTurn } = await evaluate({ together: attend(all), inTurn: attend(all, 2 * windows * tokens * tokens) });
  expect(relativeDifference(inTurn, together)).toBeLessThan(1e-6);
});

/** Zeros around the grid before the projection leave its bias alone: what every empty token has. */
test.each([
  [[3, 5], 4],
  [[5, 4, 3].map(() => 3), 5],
  [[4, 4, 4], 3],
])('a grid of %j with windows of %i answers as with all empty keys kept', async (grid, side) => {
  const [heads, width] = [2, 4];
  const bias = noise(3 * heads * width);
  const tables = grid.map(() => noise(2 * side - 1, width));
  const qkv = noise(1, ...grid, 3 * heads * width);
  const padded = grid.map((count) => Math.ceil(count / side) * side);
  const filled = new Float32Array(sizeOf(padded) * 3 * heads * width);
  const numbers = 3 * heads * width;
  const flat = (position: readonly number[], dims: readonly number[]) => position.reduce((at, p, axis) => at * dims[axis] + p, 0);
  const positions = (dims: readonly number[]) =>
    Array.from({ length: sizeOf(dims) }, (_, i) => dims.map((d, axis) => Math.floor(i / sizeOf(dims.slice(axis + 1))) % d));
  for (const position of positions(padded)) {
    const isInside = position.every((p, axis) => p < grid[axis]);
    const [from, at] = isInside ? [qkv.data, flat(position, grid)] : [bias.data, 0];
    filled.set((from as Float32Array).subarray(at * numbers, (at + 1) * numbers), flat(position, padded) * numbers);
  }
  const kept = constant(tensor([1, ...padded, numbers], filled));
  const came = await evaluate({
    folded: windowedAttention({ qkv, bias, heads, side, tables }),
    kept: windowedAttention({ qkv: kept, bias, heads, side, tables }),
  });
  const inside = positions(grid).flatMap((position) => {
    const at = flat(position, padded) * heads * width;
    return [...came.kept.subarray(at, at + heads * width)];
  });
  expect(relativeDifference(came.folded, inside)).toBeLessThan(2e-6);
});
