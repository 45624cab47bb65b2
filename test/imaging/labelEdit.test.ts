/** Masks written into labels, and cut out of logits. */
import { describe, expect, test } from 'vitest';
import { countVoxels } from '../../src/main/imaging/countVoxels';
import { editLabel } from '../../src/main/imaging/labelEdit';
import { maskOf } from '../../src/main/imaging/maskBox';
import type { Acceptance, VoxelBox } from '../../src/shared/prompts';

const grid = { size: [4, 3, 2] as const, affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] };
const seen: VoxelBox = { origin: [0, 0, 0], size: [4, 3, 1] };
/** The first two voxels of the second row of the first slice. */
const mask = { box: { origin: [0, 1, 0], size: [3, 1, 1] } satisfies VoxelBox, voxels: Uint8Array.of(1, 1, 0) };
/** Structure 1 beside and beyond the mask, structure 2 under one voxel of it. */
const given = () => Uint8Array.from([1, 0, 0, 0, 2, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);

describe('a mask', () => {
  test.each<[string, Acceptance, 'keep' | 'overwrite', number[]]>([
    ['replaces the structure within what was seen, and nowhere else', 'replace', 'keep', [0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 1]],
    ['is added to the structure', 'add', 'keep', [1, 0, 0, 0, 2, 1, 1, 0, 0, 0, 0, 0, 1]],
    ['overwrites others only where that is asked for', 'add', 'overwrite', [1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1]],
    ['is taken from the structure, and from no other', 'subtract', 'overwrite', [1, 0, 0, 0, 2, 0, 1, 0, 0, 0, 0, 0, 1]],
  ])('%s', (_law, how, others, expected) => {
    const label = { grid, voxels: given() };
    editLabel(label, { structure: 1, how, others, seen, mask });
    expect([...label.voxels.subarray(0, 13)]).toEqual(expected);
    expect([...label.voxels.subarray(13)]).toEqual([...given().subarray(13)]);
  });

  test('takes the structure’s own voxels away where it does not reach', () => {
    const label = { grid, voxels: given() };
    editLabel(label, { structure: 1, how: 'subtract', others: 'keep', seen, mask: { box: seen, voxels: new Uint8Array(12).fill(1) } });
    expect(countVoxels(label.voxels)).toEqual({ 1: 1, 2: 2 });
  });

  test('that is empty clears the structure when it replaces it', () => {
    const label = { grid, voxels: given() };
    const nothing = { box: { origin: [0, 0, 0], size: [0, 0, 0] } satisfies VoxelBox, voxels: new Uint8Array(0) };
    editLabel(label, { structure: 1, how: 'replace', others: 'keep', seen, mask: nothing });
    expect(countVoxels(label.voxels)).toEqual({ 1: 1, 2: 2 });
  });

  test('that reaches out of the label is a bug, and named', () => {
    const label = { grid, voxels: given() };
    const beyond = { box: { origin: [3, 0, 0], size: [2, 1, 1] } satisfies VoxelBox, voxels: Uint8Array.of(1, 1) };
    expect(() => editLabel(label, { structure: 1, how: 'add', others: 'keep', seen, mask: beyond })).toThrow('reaches out of 4×3×2 voxels');
  });
});

test('a mask is the smallest box around what lies above 0, counted from the grid', () => {
  const within: VoxelBox = { origin: [10, 20, 30], size: [3, 2, 2] };
  const logits = Float32Array.from([-1, -1, -1, -1, 0.5, 0, -1, -1, -1, -1, -1, 2]);
  const { box, voxels, count } = maskOf(logits, within);
  expect(box).toEqual({ origin: [11, 21, 30], size: [2, 1, 2] });
  expect([...voxels]).toEqual([1, 0, 0, 1]);
  expect(count).toBe(2);
});

test('logits that nowhere lie above 0 give an empty mask, also where they are no numbers', () => {
  const within: VoxelBox = { origin: [1, 2, 3], size: [2, 1, 1] };
  expect(maskOf(Float32Array.of(0, Number.NaN), within)).toMatchObject({ box: { size: [0, 0, 0] }, count: 0 });
});
