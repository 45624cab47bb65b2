/** Where two masks differ along an axis. */
import { expect, test } from 'vitest';
import { bands, differencesAlongAxes } from '../../../src/renderer/viewer/differences';

const size = [4, 4, 6] as const;
/** A 2×2 column of structure 1 through slices `from`…`to` of k. */
function column(from: number, to: number, structure = 1): Uint8Array {
  const labels = new Uint8Array(96);
  for (let k = from; k <= to; k++) for (const at of [5, 6, 9, 10]) labels[16 * k + at] = structure;
  return labels;
}

test('equal masks differ nowhere', () => {
  const [, , k] = differencesAlongAxes(column(1, 4), column(1, 4), size);
  expect([...k.differing]).toEqual([0, 0, 0, 0, 0, 0]);
  expect(bands(k)).toEqual([]);
});

test('a longer mask differs in the slices it adds, and only there', () => {
  const [i, , k] = differencesAlongAxes(column(1, 3), column(1, 4), size);
  expect([...k.differing]).toEqual([0, 0, 0, 0, 4, 0]);
  expect([...k.marked]).toEqual([0, 8, 8, 8, 4, 0]);
  expect([...i.differing]).toEqual([0, 2, 2, 0]);
});

test('a voxel of the wrong structure counts in both', () => {
  const [, , k] = differencesAlongAxes(column(2, 2, 1), column(2, 2, 2), size);
  expect([k.differing[2], k.marked[2]]).toEqual([8, 8]);
});

test('hidden structures count as background', () => {
  const [, , k] = differencesAlongAxes(column(2, 2, 1), column(2, 2, 2), size, new Set([2]));
  expect([k.differing[2], k.marked[2]]).toEqual([4, 4]);
});

test('bands join neighbouring slices of one severity, judged with the slices beside them', () => {
  const differing = Uint32Array.from([0, 0, 10, 10, 0, 0, 0, 4, 0]);
  const marked = Uint32Array.from([10, 10, 10, 10, 10, 10, 10, 10, 10]);
  expect(bands({ differing, marked })).toEqual([{ from: 2, to: 3, severity: 'much' }]);
  expect(bands({ differing: Uint32Array.from([3, 3, 3]), marked: Uint32Array.from([10, 10, 10]) })).toEqual([
    { from: 0, to: 2, severity: 'some' },
  ]);
});
