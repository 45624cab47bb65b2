/** Slices for SAM: against the official pre- and postprocessing, against Pillow, and there and back. */
import { describe, expect, test } from 'vitest';
import { resizePicture } from '../../src/main/imaging/pictureResize';
import {
  pasteSlice,
  pointInFrame,
  type SliceAt,
  samInput,
  sliceAnswer,
  sliceFrame,
  slicePicture,
} from '../../src/main/imaging/teacherSlice';
import { type Grid, type Index3, toMm, voxelCount } from '../../src/shared/geometry';
import { random } from '../../src/shared/random';
import { golden, hasGolden, relativeDifference } from '../golden';

describe.runIf(hasGolden('sam_tiny/io'))('the official code', () => {
  const load = () => golden('sam_tiny/io');

  test('prepares a picture the same way', () => {
    const { tensors, metadata } = load();
    const [raw, expected] = [tensors.get('in.raw_image')!, tensors.get('out.preprocessed')!];
    const [, rows, columns] = raw.dims;
    const side = expected.dims[1];
    const size = { columns, rows };
    const values = raw.data as Float32Array;
    const bytes = Uint8Array.from(values, Math.round);
    const planes = [0, 1, 2].map((colour) => bytes.subarray(colour * rows * columns, (colour + 1) * rows * columns));
    // Pictures are made of bytes, but the reference was fed real numbers: what rounding changed is put on its account.
    const deviations = (metadata.config as { pixel_std: number[] }).pixel_std;
    const wanted = (expected.data as Float32Array).slice();
    for (const [n, value] of values.entries()) {
      const [colour, row, column] = [Math.floor(n / (rows * columns)), Math.floor(n / columns) % rows, n % columns];
      wanted[(colour * side + row) * side + column] += (bytes[n] - value) / deviations[colour];
    }
    expect(relativeDifference(samInput(planes, { slice: size, resized: size, side }), wanted)).toBeLessThan(1e-6);
  });

  test('brings logits back to a picture the same way', () => {
    const { tensors, metadata } = load();
    const { input, input_size, original_size } = metadata.postprocess as { input: string; input_size: number[]; original_size: number[] };
    const [low, expected] = [tensors.get(input)!, tensors.get('out.points.postprocessed')!];
    const side = (metadata.config as { img_size: number }).img_size;
    const [[rows, columns], [height, width]] = [original_size, input_size];
    const frame = { slice: { columns, rows }, resized: { columns: width, rows: height }, side };
    const [each, wanted] = [low.dims[2] * low.dims[3], rows * columns];
    for (let n = 0; n < low.dims[0] * low.dims[1]; n++) {
      const came = sliceAnswer(low.data.slice(n * each, (n + 1) * each) as Float32Array, frame);
      expect(relativeDifference(came, expected.data.slice(n * wanted, (n + 1) * wanted) as Float32Array)).toBeLessThan(2e-6);
    }
  });
});

test.each([
  [5, 4, [39, 110, 140, 116, 114, 97, 107, 130, 162, 116, 154, 153, 163, 135, 142, 174, 135, 123, 123, 104]],
  [
    11,
    3,
    [
      27, 50, 107, 143, 67, 171, 163, 134, 139, 123, 86, 93, 131, 188, 68, 178, 126, 138, 124, 144, 123, 136, 159, 212, 98, 164, 118, 161,
      128, 129, 164, 123, 80,
    ],
  ],
  [
    16,
    4,
    [
      16, 27, 49, 87, 137, 134, 51, 142, 173, 137, 116, 108, 112, 129, 116, 95, 64, 81, 110, 156, 99, 79, 136, 114, 129, 179, 166, 165, 165,
      106, 102, 118, 122, 145, 172, 191, 138, 127, 193, 180, 158, 130, 125, 133, 150, 156, 140, 120, 170, 199, 191, 85, 136, 157, 98, 125,
      130, 110, 112, 128, 147, 121, 93, 71,
    ],
  ],
])('bytes resized to %i × %i are what Pillow 9.4 makes of them', (columns, rows, expected) => {
  const picture = Uint8Array.from(
    { length: 77 },
    (_, n) => 17 * (n % 11) ** 2 + 31 * Math.floor(n / 11) + 7 * (n % 11) * Math.floor(n / 11),
  );
  expect([...resizePicture(picture, { columns: 11, rows: 7 }, { columns, rows })]).toEqual(expected);
});

const grid: Grid = { size: [30, 20, 12], affine: [0.9, 0.1, 0, -50, -0.1, 0.9, 0, 20, 0, 0, 2.5, 100, 0, 0, 0, 1] };
const places: SliceAt[] = [
  { axis: 0, index: 29 },
  { axis: 1, index: 3 },
  { axis: 2, index: 0 },
];

describe.each(places)('slice $index of axis $axis', (at) => {
  const frame = sliceFrame(grid, at.axis, 64);

  test('fits the square with its longer side', () => {
    expect(Math.max(frame.resized.columns, frame.resized.rows)).toBe(64);
    const [wanted, came] = [frame.slice.columns / frame.slice.rows, frame.resized.columns / frame.resized.rows];
    expect(Math.abs(wanted / came - 1)).toBeLessThan(0.05);
  });

  test('a mask there survives to and fro within a pixel, and nothing else is written', () => {
    const voxels = new Float32Array(voxelCount(grid));
    const values = Float32Array.from(voxels, (_, n) => {
      const [i, j, k] = [n % 30, Math.floor(n / 30) % 20, Math.floor(n / 600)];
      return ((i - 14) / 11) ** 2 + ((j - 9) / 7) ** 2 + ((k - 6) / 5) ** 2 < (at.index === 0 || at.index === 29 ? 3 : 1) ? 1 : 0;
    });
    const picture = slicePicture({ grid, voxels: values }, at, { low: 0, high: 1 });
    expect(new Set(picture)).toEqual(new Set([0, 255]));
    // Whoever answers draws what was seen, at the answer's own size.
    const seen = samInput([picture], frame).subarray(0, 64 * 64);
    const middle = (127.5 - 123.675) / 58.395;
    const into = { grid, voxels: new Float32Array(voxelCount(grid)).fill(-123) };
    pasteSlice(
      sliceAnswer(
        Float32Array.from(seen, (value) => value - middle),
        frame,
      ),
      at,
      into,
    );
    const { columns, rows } = frame.slice;
    const back = slicePicture({ grid, voxels: into.voxels.map((value) => (value > 0 ? 1 : 0)) }, at, { low: 0, high: 1 });
    const wrong = [...back].filter((value, n) => {
      const [x, y] = [n % columns, Math.floor(n / columns)];
      const isEdge = [-1, 0, 1].some((dy) =>
        [-1, 0, 1].some((dx) => {
          const [a, b] = [Math.min(columns - 1, Math.max(0, x + dx)), Math.min(rows - 1, Math.max(0, y + dy))];
          return picture[a + columns * b] !== picture[n];
        }),
      );
      return value !== picture[n] && !isEdge;
    });
    expect(wrong).toEqual([]);
    expect(into.voxels.filter((value) => value !== -123).length).toBe(columns * rows);
  });

  test('a point in millimetres lands on its pixel', () => {
    const stream = random(at.axis);
    const index = grid.size.map((n) => stream.integer(n)) as unknown as Index3;
    const [x, y] = pointInFrame(grid, at, frame, toMm(grid, index));
    const [across, down] = [0, 1, 2].filter((axis) => axis !== at.axis);
    expect(x).toBeCloseTo((index[across] * frame.resized.columns) / frame.slice.columns, 8);
    expect(y).toBeCloseTo((index[down] * frame.resized.rows) / frame.slice.rows, 8);
  });
});

test('a window makes 0 of all below it and 255 of all above', () => {
  const small: Grid = { size: [4, 1, 1], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] };
  const volume = { grid: small, voxels: Int16Array.of(-1000, -160, 240, 3000) };
  expect([...slicePicture(volume, { axis: 2, index: 0 }, { low: -160, high: 240 })]).toEqual([0, 0, 255, 255]);
});

test('a window without width is refused', () => {
  const volume = { grid, voxels: new Float32Array(voxelCount(grid)) };
  expect(() => slicePicture(volume, { axis: 2, index: 0 }, { low: 5, high: 5 })).toThrow('the window from 5 to 5');
});

test('a slice far longer than wide keeps a row of pixels', () => {
  expect(sliceFrame({ size: [300, 1, 9] }, 2, 64).resized).toEqual({ columns: 64, rows: 1 });
});

test('right and below the slice the input is zero, which is a photograph’s mean grey', () => {
  const frame = sliceFrame({ size: [8, 4, 1] }, 2, 16);
  const input = samInput([new Uint8Array(32).fill(200)], frame);
  expect(frame.resized).toEqual({ columns: 16, rows: 8 });
  expect(input[0]).toBeCloseTo((200 - 123.675) / 58.395, 6);
  expect(input[16 * 7 + 15]).toBe(input[0]);
  expect(input[16 * 8]).toBe(0);
  expect(input[16 * 16]).toBeCloseTo((200 - 116.28) / 57.12, 6);
});

test('a slice that is not there is refused, and so is a picture of another size', () => {
  const volume = { grid, voxels: new Float32Array(voxelCount(grid)) };
  expect(() => slicePicture(volume, { axis: 2, index: 12 }, { low: 0, high: 1 })).toThrow(
    'slice 12 of axis 2: expected a whole number from 0 to 11',
  );
  expect(() => pasteSlice(new Float32Array(5), { axis: 2, index: 0 }, volume)).toThrow('pasteSlice: 5 pixels, expected 600');
  expect(() => resizePicture(new Uint8Array(5), { columns: 2, rows: 2 }, { columns: 1, rows: 1 })).toThrow(
    'resizePicture: 5 pixels, expected 2×2',
  );
});
