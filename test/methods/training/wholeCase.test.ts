import { describe, expect, test } from 'vitest';
import { labelBuilder } from '../../../src/main/methods/training/argmax';
import { type Slabs, slideOver } from '../../../src/main/methods/training/wholeCase';

const affine = (mm: number[], origin = [0, 0, 0]) => [mm[0], 0, 0, origin[0], 0, mm[1], 0, origin[1], 0, 0, mm[2], origin[2], 0, 0, 0, 1];

function study(size: [number, number, number]): Slabs & { image: Float32Array; most: number } {
  const [ni, nj, nk] = size;
  const image = Float32Array.from({ length: ni * nj * nk }, (_, v) => Math.sin(v * 0.37) * 0.5 + 0.5);
  const self = {
    size,
    image,
    most: 0,
    outside: [0],
    read(_: number, k0: number, k1: number) {
      self.most = Math.max(self.most, k1 - k0);
      return image.subarray(k0 * ni * nj, k1 * ni * nj);
    },
  };
  return self;
}

/** A network that sees one voxel at a time: p(1) = image, p(0) = 1 − image. Blending must then change nothing. */
async function pointwise(window: Float32Array): Promise<Float32Array> {
  return Float32Array.from([...window.map((x) => 1 - x), ...window]);
}

async function predict(size: [number, number, number], patch: [number, number, number]) {
  const source = study(size);
  const out = new Float32Array(source.image.length);
  const order: number[] = [];
  await slideOver(source, pointwise, { patch, classes: 2, overlap: 0.5 }, (k, p) => {
    order.push(k);
    out.set(p.subarray(size[0] * size[1]), k * size[0] * size[1]);
  });
  return { source, out, order };
}

describe('sliding over a whole case', () => {
  test.each([
    ['larger than the window', [21, 17, 40], [8, 8, 8]],
    ['as large as the window', [8, 8, 8], [8, 8, 8]],
    ['smaller than the window on every side', [5, 6, 7], [8, 8, 8]],
    ['thin along one axis', [30, 12, 3], [8, 8, 8]],
  ] as const)('gives back what a voxelwise network says, for a study %s', async (_, size, patch) => {
    const { source, out, order } = await predict([...size], [...patch]);
    const worst = out.reduce((most, value, v) => Math.max(most, Math.abs(value - source.image[v])), 0);
    expect(worst).toBeLessThan(1e-6);
    expect(order).toEqual(Array.from({ length: size[2] }, (_, k) => k));
  });

  test('never holds more slices than the window is deep', async () => {
    const { source } = await predict([12, 12, 200], [8, 8, 8]);
    expect(source.most).toBe(8);
  });
});

describe('building the label map', () => {
  /** Two half spaces along one axis, as probability slices. */
  function halves(size: [number, number, number], axis: number): Float32Array[] {
    const [ni, nj, nk] = size;
    return Array.from({ length: nk }, (_, k) => {
      const slice = new Float32Array(2 * ni * nj);
      for (let j = 0; j < nj; j++) {
        for (let i = 0; i < ni; i++) {
          const one = [i, j, k][axis] >= size[axis] / 2 ? 1 : 0;
          slice[j * ni + i] = 1 - one;
          slice[ni * nj + j * ni + i] = one;
        }
      }
      return slice;
    });
  }

  test.each([0, 1, 2])('keeps a border along axis %i where it was, on finer and coarser grids', (axis) => {
    for (const onto of [
      [8, 8, 8],
      [16, 16, 16],
      [4, 4, 4],
      [20, 10, 6],
    ] as [number, number, number][]) {
      const from = { size: [8, 8, 8] as [number, number, number], affine: affine([1, 1, 1]) };
      const builder = labelBuilder(from, { size: onto, affine: affine(onto.map((n) => 8 / n)) }, [0, 5]);
      for (const [k, slice] of halves([8, 8, 8], axis).entries()) builder.take(k, slice);
      const wanted = Uint8Array.from(builder.voxels, (_, v) => {
        const index = [v % onto[0], Math.floor(v / onto[0]) % onto[1], Math.floor(v / (onto[0] * onto[1]))][axis];
        return index >= onto[axis] / 2 ? 5 : 0;
      });
      expect(builder.voxels).toEqual(wanted);
    }
  });
});
