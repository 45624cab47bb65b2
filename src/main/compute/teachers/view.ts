/** What a prompted teacher looks at, a slice or a crop of a case: its image, where points lie in it, and its answer back on the case's grid. */
import { fail } from '../../../shared/errors';
import { type Grid, type Index3, type PointMm, toIndex, toMm, voxelCount } from '../../../shared/geometry';
import type { PromptPlane, VoxelBox } from '../../../shared/prompts';
import type { Volume } from '../../../shared/volume';
import { type PictureSize, resizePicture } from '../../imaging/pictureResize';
import { resample } from '../../imaging/resample';
import { overlap, pasteAnswer, teacherGrid, teacherImage } from '../../imaging/teacherCrop';
import { pointInFrame, type SliceFrame, samInput, sliceAnswer, sliceFrame, slicePicture } from '../../imaging/teacherSlice';
import type { SamSpec } from '../../networks/sam/spec';
import type { PromptView } from '../jobData';

export interface View {
  /** Everything that decides what `image` makes of a volume. */
  key: unknown;
  /** What the teacher looks at, as far as it lies in the case. */
  seen: VoxelBox;
  /** The encoder's input [1, channels, side…]. */
  image(volume: Volume): Float32Array;
  /** A point in pixels of the encoder's image, in the order prompts want. @throws PROMPT_OUTSIDE */
  place(mm: PointMm): number[];
  /** Decoded logits [side…] at the voxels of `seen`, i fastest. */
  answer(logits: Float32Array): Float32Array;
}

/** @throws PROMPT_PLANE if the view is of another kind than the teacher; `name` is what sentences call it */
export function viewOf(grid: Grid, view: PromptView, spec: SamSpec, { name, unit }: { name: string; unit: 'HU' | 'other' }): View {
  if ((view.kind === 'slice') !== (spec.axes === 2)) fail('PROMPT_PLANE', name, spec.axes === 2 ? 'slices' : 'volumes');
  return view.kind === 'slice' ? sliceView(grid, view, spec) : volumeView(grid, view, spec, name, unit);
}

function sliceView(grid: Grid, { plane, window, colours, fit }: Extract<PromptView, { kind: 'slice' }>, spec: SamSpec): View {
  const { axis, index } = plane;
  const frame = fit === 'stretched' ? stretched(grid, axis, spec.imageSide) : sliceFrame(grid, axis, spec.imageSide);
  const origin = [0, 0, 0].with(axis, index) as unknown as Index3;
  const seen: VoxelBox = { origin, size: grid.size.with(axis, 1) as unknown as Index3 };
  return {
    key: { plane, window, colours, fit, side: spec.imageSide },
    seen,
    image: (volume) => inColours(slicePicture(volume, plane, window), frame, colours),
    place(mm) {
      requireInside(toIndex(grid, mm), seen, mm, describePlane(plane));
      return pointInFrame(grid, plane, frame, mm);
    },
    answer: (logits) => sliceAnswer(logits, frame),
  };
}

const describePlane = ({ axis, index }: PromptPlane) => `slice ${index} along ${'ijk'[axis]}`;

/** A frame that a slice fills wholly, whatever its shape: so MedSAM was trained. */
function stretched(grid: Grid, axis: PromptPlane['axis'], side: number): SliceFrame {
  return { ...sliceFrame(grid, axis, side), resized: { columns: side, rows: side } };
}

/** Photographs' mean and deviation taken out, or 0 … 1 as MedSAM was trained. */
function inColours(picture: Uint8Array, frame: SliceFrame, colours: 'imagenet' | 'unit'): Float32Array {
  if (colours === 'imagenet') return samInput([picture], frame);
  const { slice, resized, side } = frame;
  return filled(resizePicture(picture, slice, resized), resized, side);
}

/** A grey picture of 0 … 255 as [1, 3, side, side] of 0 … 1, zero on the right and below. */
function filled(picture: Uint8Array, { columns, rows }: PictureSize, side: number): Float32Array {
  const input = new Float32Array(3 * side * side);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) input[row * side + column] = picture[row * columns + column] / 255;
  }
  for (const colour of [1, 2]) input.copyWithin(colour * side * side, 0, side * side);
  return input;
}

function volumeView(
  grid: Grid,
  { huWindow, centre, spacingMm }: Extract<PromptView, { kind: 'volume' }>,
  { imageSide: side }: SamSpec,
  name: string,
  unit: 'HU' | 'other',
): View {
  requireInside(toIndex(grid, centre), { origin: [0, 0, 0], size: grid.size }, centre, 'the image');
  const crop = teacherGrid(grid, centre, { spacingMm, side });
  const { from, to } = overlap(grid, crop);
  const seen: VoxelBox = { origin: from, size: to.map((end, axis) => end - from[axis]) as unknown as Index3 };
  const covered = gridOfBox(grid, seen);
  return {
    key: { crop, huWindow, unit },
    seen,
    image: (volume) => teacherImage(volume, crop, { spacingMm, side, huWindow }, unit),
    place(mm) {
      requireInside(toIndex(grid, mm), { origin: [0, 0, 0], size: grid.size }, mm, 'the image');
      const place = toIndex(crop, mm);
      const cube = `the ${Math.round(side * spacingMm)} mm around the first point, which is all that ${name} sees at once`;
      requireInside(place, { origin: [0, 0, 0], size: crop.size }, mm, cube);
      return [...place];
    },
    answer(logits) {
      const voxels = new Float32Array(voxelCount(seen));
      pasteAnswer(enlarged(logits, crop), crop, { grid: covered, voxels });
      return voxels;
    },
  };
}

/** Part of a grid as a grid of its own. */
function gridOfBox(grid: Grid, { origin, size }: VoxelBox): Grid {
  const start = toMm(grid, origin);
  return { size, affine: grid.affine.map((entry, n) => (n < 12 && n % 4 === 3 ? start[(n - 3) / 4] : entry)) };
}

/** Logits of a cube, k fastest, interpolated to the voxels of a crop over the same body, as the network's own interpolation does. */
function enlarged(logits: Float32Array, { size: [side] }: Grid): Float32Array {
  const low = Math.round(Math.cbrt(logits.length));
  const lattice = (n: number): Grid => {
    const step = side / n;
    const start = (step - 1) / 2;
    return { size: [n, n, n], affine: [step, 0, 0, start, 0, step, 0, start, 0, 0, step, start, 0, 0, 0, 1] };
  };
  // The order of the axes does not matter to a cube.
  return resample({ grid: lattice(low), voxels: logits }, lattice(side), 'linear').voxels as Float32Array;
}

/** Voxels reach half a step around their centres. */
function requireInside(index: readonly number[], { origin, size }: VoxelBox, mm: PointMm, what: string): void {
  const isInside = index.every((at, axis) => at >= origin[axis] - 0.5 && at <= origin[axis] + size[axis] - 0.5);
  if (!isInside) fail('PROMPT_OUTSIDE', `(${mm.map((x) => Math.round(x * 10) / 10).join(', ')}) mm`, what);
}
