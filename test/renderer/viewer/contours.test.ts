/** Outlines enclose exactly the voxels of their structure. */
import { describe, expect, test } from 'vitest';
import { boxesOf, cutCorners, type Loop, outlines, traceStructure } from '../../../src/renderer/viewer/contours';
import type { PlaneOf } from '../../../src/renderer/viewer/extract';

function planeOf(...rows: string[]): PlaneOf<Uint8Array> {
  const values = Uint8Array.from(rows.join(''), (digit) => (digit === '.' ? 0 : Number(digit)));
  return { width: rows[0].length, height: rows.length, values };
}
const trace = (plane: PlaneOf<Uint8Array>, structure: number) => traceStructure(plane, structure, boxesOf(plane).get(structure)!);

/** Positive when the loop runs with its structure on the right, in a frame whose v points down. */
function area(loop: Loop): number {
  let sum = 0;
  for (let n = 0; n < loop.length; n += 2) {
    const m = (n + 2) % loop.length;
    sum += loop[n] * loop[m + 1] - loop[m] * loop[n + 1];
  }
  return sum / 2;
}

/** Even–odd rule, as a canvas fills. */
function contains(loops: Loop[], u: number, v: number): boolean {
  let inside = false;
  for (const loop of loops) {
    for (let n = 0; n < loop.length; n += 2) {
      const m = (n + 2) % loop.length;
      const [au, av, bu, bv] = [loop[n], loop[n + 1], loop[m], loop[m + 1]];
      if (av > v !== bv > v && u < au + ((v - av) / (bv - av)) * (bu - au)) inside = !inside;
    }
  }
  return inside;
}

/** Random blobs, the same every time. */
function blobs(seed: number, width = 24, height = 20): PlaneOf<Uint8Array> {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state / 2 ** 32;
  };
  const values = Uint8Array.from({ length: width * height }, () => (random() < 0.55 ? Math.ceil(random() * 3) : 0));
  return { width, height, values };
}

describe('tracing', () => {
  test('a single voxel becomes a diamond through the middles of its edges', () => {
    expect([...trace(planeOf('...', '.5.', '...'), 5)[0]]).toEqual([1, 0.5, 1.5, 1, 1, 1.5, 0.5, 1]);
  });
  test('voxels that touch only at a corner stay apart', () => {
    expect(trace(planeOf('1.', '.1'), 1)).toHaveLength(2);
  });
  test('a hole becomes a loop of its own that runs the other way', () => {
    const loops = trace(planeOf('.....', '.222.', '.2.2.', '.222.', '.....'), 2);
    expect(loops.map((loop) => Math.sign(area(loop))).sort()).toEqual([-1, 1]);
  });
  test('a structure at the border of the plane is closed', () => {
    expect(area(trace(planeOf('33', '33'), 3)[0])).toBeCloseTo(3.5, 6);
  });
  test.each([1, 2, 3, 4, 5])('filling the loops gives back every voxel of every structure (blobs %i)', (seed) => {
    const plane = blobs(seed);
    const found = new Uint8Array(plane.values.length);
    for (const [structure, box] of boxesOf(plane)) {
      const loops = traceStructure(plane, structure, box);
      for (let v = 0; v < plane.height; v++) {
        for (let u = 0; u < plane.width; u++) if (contains(loops, u + 1e-4, v + 2e-4)) found[v * plane.width + u] = structure;
      }
    }
    expect(found).toEqual(plane.values);
  });
});

describe('rounding for the eye', () => {
  test('cut corners keep every voxel centre on its side', () => {
    const plane = blobs(9);
    const found = new Uint8Array(plane.values.length);
    for (const [structure, loops] of outlines(plane)) {
      for (let v = 0; v < plane.height; v++) {
        for (let u = 0; u < plane.width; u++) if (contains(loops, u + 1e-4, v + 2e-4)) found[v * plane.width + u] = structure;
      }
    }
    expect(found).toEqual(plane.values);
  });
  test('a straight edge stays where it is', () => {
    const loop = Float32Array.from([0, 0, 4, 0, 8, 0, 8, 8, 0, 8]);
    const cut = cutCorners(loop);
    expect([...cut.subarray(0, 8)]).toEqual([1, 0, 3, 0, 5, 0, 7, 0]);
  });
});

test('an empty plane has no outlines', () => {
  expect(outlines({ width: 4, height: 4, values: new Uint8Array(16) }).size).toBe(0);
});
