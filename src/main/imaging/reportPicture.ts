/** Draws a case for a report: slices of three planes side by side, or a small axial one, with filled structures and the outlines of masks. */
import { encode } from 'fast-png';
import { type Grid, spacingMm } from '../../shared/geometry';
import type { LabelMap, Volume } from '../../shared/volume';

type Colour = readonly [red: number, green: number, blue: number];
export type MaskStyle = 'reference' | 'student';
/** Sources are told apart as everywhere in the workbench: the reference white, the student teal. */
const outlines: Record<MaskStyle, Colour> = { reference: [255, 255, 255], student: [76, 194, 196] };
/** Three planes through the slices that show most, or one axial slice through the middle of the first mask's largest structure. */
export type PictureView = 'planes' | 'axial';
/** Height of the tallest of three views in pixels, and the gap between them; the longer side of one that stands alone. */
const [tallestPx, gapPx, alonePx] = [400, 12, 260];
const background: Colour = [14, 17, 22];

export interface PictureSpec {
  /** On canonical axes. */
  image: Volume;
  /** Values shown black and white. */
  window: { low: number; high: number };
  /** Drawn in order; on the image's grid. The last one's structures are filled. */
  masks: readonly { label: LabelMap; style: MaskStyle }[];
  view: PictureView;
  /** `#rrggbb` per structure. */
  colours: Readonly<Record<number, string>>;
}

/** PNG bytes. Radiological: the patient's right is on the left; anterior, or superior, is up; the nose points left. */
export function reportPicture(spec: PictureSpec): Uint8Array {
  const spacing = spacingMm(spec.image.grid);
  const size = spec.image.grid.size;
  const isAlone = spec.view === 'axial';
  const pxPerMm = isAlone
    ? alonePx / Math.max(size[0] * spacing[0], size[1] * spacing[1])
    : tallestPx / Math.max(size[1] * spacing[1], size[2] * spacing[2]);
  const views = (isAlone ? [axial] : planes).map(({ across, up, through }) => ({
    across,
    up,
    through,
    slice: isAlone ? middleSlice(spec, through) : tellingSlice(spec, through),
    width: Math.max(1, Math.round(size[across] * spacing[across] * pxPerMm)),
    height: Math.max(1, Math.round(size[up] * spacing[up] * pxPerMm)),
  }));
  const width = views.reduce((sum, view) => sum + view.width, gapPx * (views.length - 1));
  const height = Math.max(...views.map((view) => view.height));
  const data = new Uint8Array(width * height * 3);
  for (let n = 0; n < data.length; n++) data[n] = background[n % 3];
  let left = 0;
  for (const view of views) {
    draw(spec, view, { data, width, left, top: Math.floor((height - view.height) / 2) });
    left += view.width + gapPx;
  }
  return encode({ width, height, data, channels: 3, depth: 8 });
}

type Axis = 0 | 1 | 2;
interface Plane {
  across: Axis;
  up: Axis;
  through: Axis;
}
const axial: Plane = { across: 0, up: 1, through: 2 };
const planes: Plane[] = [axial, { across: 0, up: 2, through: 1 }, { across: 1, up: 2, through: 0 }];
interface View extends Plane {
  slice: number;
  width: number;
  height: number;
}

/** The slice with most structures, and among those with most labelled voxels; the middle one without masks. */
function tellingSlice({ image: { grid }, masks }: PictureSpec, through: Axis): number {
  const count = grid.size[through];
  const area = new Float64Array(count);
  const present = Array.from({ length: count }, () => new Set<number>());
  const stride = [1, grid.size[0], grid.size[0] * grid.size[1]][through];
  for (const { label } of masks) {
    for (let n = 0; n < label.voxels.length; n++) {
      if (label.voxels[n] === 0) continue;
      const at = Math.floor(n / stride) % count;
      area[at]++;
      present[at].add(label.voxels[n]);
    }
  }
  let best = Math.floor(count / 2);
  for (let at = 0; at < count; at++) {
    const more = present[at].size - present[best].size;
    if (more > 0 || (more === 0 && area[at] > area[best])) best = at;
  }
  return best;
}

/** The slice that halves the largest structure of the first mask, so that it goes through it; the middle one without any. */
function middleSlice({ image: { grid }, masks }: PictureSpec, through: Axis): number {
  const count = grid.size[through];
  const stride = [1, grid.size[0], grid.size[0] * grid.size[1]][through];
  const voxels = masks[0]?.label.voxels ?? [];
  const inAll = new Float64Array(256);
  for (const structure of voxels) if (structure > 0) inAll[structure]++;
  const largest = inAll.indexOf(Math.max(...inAll));
  if (inAll[largest] === 0) return Math.floor(count / 2);
  const inSlice = new Float64Array(count);
  for (let n = 0; n < voxels.length; n++) if (voxels[n] === largest) inSlice[Math.floor(n / stride) % count]++;
  let at = 0;
  for (let below = inSlice[0]; 2 * below < inAll[largest]; below += inSlice[at]) at++;
  return at;
}

interface Canvas {
  data: Uint8Array;
  width: number;
  left: number;
  top: number;
}

function draw(spec: PictureSpec, view: View, canvas: Canvas): void {
  const { low, high } = spec.window;
  const sample = sampler(spec.image.grid, view);
  const grey = sample((n) => spec.image.voxels[n]);
  const pixel = (at: number) => 3 * (canvas.left + (at % view.width) + canvas.width * (canvas.top + Math.floor(at / view.width)));
  for (let at = 0; at < grey.length; at++) {
    // Pure white is kept for the outline of the reference.
    const shade = Math.round(254 * Math.min(1, Math.max(0, (grey[at] - low) / (high - low))));
    canvas.data.fill(shade, pixel(at), pixel(at) + 3);
  }
  const last = spec.masks.length - 1;
  for (const [order, { label, style }] of spec.masks.entries()) {
    for (const structure of structuresIn(label, view)) {
      // Half of the interpolated mask is its smooth edge; blocks of voxels would hide how well it follows the organ.
      const inside = sample((n) => (label.voxels[n] === structure ? 1 : 0)).map((share) => (share >= 0.5 ? 1 : 0));
      const fill = order === last && spec.colours[structure] ? hex(spec.colours[structure]) : null;
      for (let at = 0; at < inside.length; at++) {
        if (!inside[at]) continue;
        const x = at % view.width;
        const isEdge =
          x === 0 || x === view.width - 1 || !inside[at - 1] || !inside[at + 1] || !inside[at - view.width] || !inside[at + view.width];
        if (isEdge) mix(canvas.data, pixel(at), outlines[style], 1);
        else if (fill && !isOutline(canvas.data, pixel(at))) mix(canvas.data, pixel(at), fill, 0.3);
      }
    }
  }
}

/** Bilinear samples of one slice over a view's pixels, first row on top. */
function sampler({ size }: Pick<Grid, 'size'>, { across, up, through, slice, width, height }: View) {
  const strides = [1, size[0], size[0] * size[1]];
  const table = (pixels: number, voxels: number) =>
    Array.from({ length: pixels }, (_, px) => {
      // Both screen axes run against the body's: right to left, up to down.
      const at = Math.min(voxels - 1, Math.max(0, ((pixels - 1 - px + 0.5) * voxels) / pixels - 0.5));
      const low = Math.floor(at);
      return { low, high: Math.min(voxels - 1, low + 1), share: at - low };
    });
  const [columns, rows] = [table(width, size[across]), table(height, size[up])];
  return (value: (n: number) => number): Float32Array => {
    const out = new Float32Array(width * height);
    const base = slice * strides[through];
    let n = 0;
    for (const row of rows) {
      const [a, b] = [base + row.low * strides[up], base + row.high * strides[up]];
      for (const column of columns) {
        const [p, q] = [column.low * strides[across], column.high * strides[across]];
        const top = value(a + p) + column.share * (value(a + q) - value(a + p));
        const bottom = value(b + p) + column.share * (value(b + q) - value(b + p));
        out[n++] = top + row.share * (bottom - top);
      }
    }
    return out;
  };
}

function structuresIn({ grid: { size }, voxels }: LabelMap, { across, up, through, slice }: View): number[] {
  const strides = [1, size[0], size[0] * size[1]];
  const found = new Set<number>();
  for (let v = 0; v < size[up]; v++) {
    for (let u = 0; u < size[across]; u++) found.add(voxels[slice * strides[through] + v * strides[up] + u * strides[across]]);
  }
  found.delete(0);
  return [...found].sort((a, b) => a - b);
}

function mix(data: Uint8Array, at: number, colour: Colour, share: number): void {
  for (let c = 0; c < 3; c++) data[at + c] += Math.round(share * (colour[c] - data[at + c]));
}

/** True where a reference outline already is: fills must not tint it. */
const isOutline = (data: Uint8Array, at: number) => outlines.reference.every((x, c) => data[at + c] === x);

const hex = (colour: string): Colour => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)) as unknown as Colour;
