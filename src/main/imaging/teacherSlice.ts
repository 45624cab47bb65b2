/**
 * What SAM (Kirillov et al. 2023, arXiv 2304.02643; facebookresearch/segment-anything, `ResizeLongestSide` and `Sam.preprocess`) sees of one
 * slice of a case, where prompts lie in it, and its answer put back onto the slice. Slices are cut along the case's own axes and not
 * turned: of the two axes left, the lower one runs along a picture's columns, the higher one along its rows. Pixels count as square.
 */
import { type Grid, type Index3, type PointMm, toIndex } from '../../shared/geometry';
import type { Volume } from '../../shared/volume';
import { type PictureSize, resizePicture } from './pictureResize';

/** Mean and deviation of the photographs SAM was trained on, red, green and blue, of 255. */
const photographs = { mean: [123.675, 116.28, 103.53], deviation: [58.395, 57.12, 57.375] } as const;

export interface SliceAt {
  axis: 0 | 1 | 2;
  /** From 0; along `axis`. */
  index: number;
}

/** How a slice fills the square that SAM looks at: resized to fit, in its top left corner. */
export interface SliceFrame {
  slice: PictureSize;
  resized: PictureSize;
  /** Pixels along each side of the square; 1024 in released models. */
  side: number;
}

const remaining = (axis: 0 | 1 | 2): readonly [number, number] => (axis === 0 ? [1, 2] : axis === 1 ? [0, 2] : [0, 1]);

/** The frame of a slice: its longer side fills the square, the other one follows, rounded to the nearest pixel and halves up. */
export function sliceFrame({ size }: Pick<Grid, 'size'>, axis: SliceAt['axis'], side = 1024): SliceFrame {
  const [columns, rows] = remaining(axis).map((n) => size[n]);
  const scale = side / Math.max(columns, rows);
  const scaled = (n: number) => Math.max(1, Math.floor(n * scale + 0.5));
  return { slice: { columns, rows }, resized: { columns: scaled(columns), rows: scaled(rows) }, side };
}

/** A slice in grey, row by row: `low` and below is 0, `high` and above 255. */
export function slicePicture(volume: Volume, at: SliceAt, { low, high }: { low: number; high: number }): Uint8Array {
  if (!(low < high)) throw new Error(`slicePicture: the window from ${low} to ${high} should be wider than nothing`);
  const picture = new Uint8Array(pixelsOf(volume.grid, at));
  eachPixel(volume.grid.size, at, (pixel, voxel) => {
    picture[pixel] = Math.round(255 * Math.min(1, Math.max(0, (volume.voxels[voxel] - low) / (high - low))));
  });
  return picture;
}

/**
 * SAM's input [1, 3, side, side] from one picture per colour, or one grey picture for all: resized, normalised, and only then
 * filled up with zeros on the right and below.
 */
export function samInput(colours: readonly Uint8Array[], { slice, resized, side }: SliceFrame): Float32Array {
  const planes = colours.map((picture) => resizePicture(picture, slice, resized));
  const input = new Float32Array(3 * side * side);
  for (const [colour, mean] of photographs.mean.entries()) {
    const plane = planes[colour] ?? planes[0];
    for (let row = 0; row < resized.rows; row++) {
      for (let column = 0; column < resized.columns; column++) {
        const value = plane[row * resized.columns + column];
        input[(colour * side + row) * side + column] = (value - mean) / photographs.deviation[colour];
      }
    }
  }
  return input;
}

/** Where a point in millimetres lies in SAM's square, [x, y] as prompts want it: its index in the slice times the ratio of the sizes. */
export function pointInFrame(grid: Grid, { axis }: SliceAt, { slice, resized }: SliceFrame, point: PointMm): [x: number, y: number] {
  const index = toIndex(grid, point);
  const [across, down] = remaining(axis);
  return [(index[across] * resized.columns) / slice.columns, (index[down] * resized.rows) / slice.rows];
}

/** SAM's answer (square logits of any size, row by row) at the slice's own size: to the whole square, cut to the slice, then resized back. */
export function sliceAnswer(logits: Float32Array, { slice, resized, side }: SliceFrame): Float32Array {
  const low = Math.sqrt(logits.length);
  const square = resizePicture(logits, { columns: low, rows: low }, { columns: side, rows: side });
  const cut = new Float32Array(resized.columns * resized.rows);
  for (let row = 0; row < resized.rows; row++) {
    cut.set(square.subarray(row * side, row * side + resized.columns), row * resized.columns);
  }
  return resizePicture(cut, resized, slice);
}

/** Writes a picture into its slice of a case, and nowhere else. */
export function pasteSlice(picture: Float32Array, at: SliceAt, into: { grid: Grid; voxels: Float32Array }): void {
  const expected = pixelsOf(into.grid, at);
  if (picture.length !== expected) throw new Error(`pasteSlice: ${picture.length} pixels, expected ${expected}`);
  eachPixel(into.grid.size, at, (pixel, voxel) => {
    into.voxels[voxel] = picture[pixel];
  });
}

function pixelsOf({ size }: Grid, { axis, index }: SliceAt): number {
  if (!Number.isInteger(index) || index < 0 || index >= size[axis]) {
    throw new Error(`slice ${index} of axis ${axis}: expected a whole number from 0 to ${size[axis] - 1}`);
  }
  const [across, down] = remaining(axis);
  return size[across] * size[down];
}

function eachPixel(size: Index3, { axis, index }: SliceAt, visit: (pixel: number, voxel: number) => void): void {
  const strides = [1, size[0], size[0] * size[1]];
  const [across, down] = remaining(axis);
  for (let row = 0, pixel = 0; row < size[down]; row++) {
    for (let column = 0; column < size[across]; column++, pixel++) {
      visit(pixel, index * strides[axis] + row * strides[down] + column * strides[across]);
    }
  }
}
