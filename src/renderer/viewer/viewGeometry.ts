/** Where the voxels of a slice land on the screen, and back: fit, zoom about a point, pan. No canvas here. */

/** What a slice view shows. `zoom` 1 fits the slice into the view; the centre is in voxels of the plane, null for its middle. */
export interface Camera {
  readonly zoom: number;
  readonly centre: readonly [u: number, v: number] | null;
}

export const fitted: Camera = { zoom: 1, centre: null };
const zoomRange = { least: 0.25, most: 40 };

/** A plane and the view it is drawn in. Lengths of the view in CSS pixels, spacing in mm. */
export interface Frame {
  readonly viewWidth: number;
  readonly viewHeight: number;
  readonly width: number;
  readonly height: number;
  readonly spacingU: number;
  readonly spacingV: number;
  readonly mirrored: boolean;
  /** Interface scale: CSS pixels per unscaled pixel of the design. */
  readonly unit?: number;
}

/** Affine map without shear: x = xu·u + x0, y = yv·v + y0. Voxel centres lie at whole (u, v). */
export interface Placement {
  readonly xu: number;
  readonly x0: number;
  readonly yv: number;
  readonly y0: number;
  /** CSS pixels per millimetre. */
  readonly scale: number;
}

/** Room kept free around a fitted slice for captions and letters, in unscaled pixels; at most a sixth of the view. */
const margin = { x: 26, y: 40 };

/** CSS pixels per millimetre at zoom 1. */
export function fitScale(frame: Frame): number {
  const { unit = 1 } = frame;
  const free = {
    width: frame.viewWidth - 2 * Math.min(margin.x * unit, frame.viewWidth / 6),
    height: frame.viewHeight - 2 * Math.min(margin.y * unit, frame.viewHeight / 6),
  };
  return Math.min(free.width / (frame.width * frame.spacingU), free.height / (frame.height * frame.spacingV));
}

const centreOf = (frame: Frame, camera: Camera): readonly [number, number] =>
  camera.centre ?? [(frame.width - 1) / 2, (frame.height - 1) / 2];

/** Places a plane in its view. */
export function place(frame: Frame, camera: Camera): Placement {
  const scale = fitScale(frame) * camera.zoom;
  const [u, v] = centreOf(frame, camera);
  const xu = (frame.mirrored ? -1 : 1) * frame.spacingU * scale;
  const yv = -frame.spacingV * scale;
  return { xu, x0: frame.viewWidth / 2 - xu * u, yv, y0: frame.viewHeight / 2 - yv * v, scale };
}

export const toScreen = (p: Placement, u: number, v: number): [x: number, y: number] => [p.xu * u + p.x0, p.yv * v + p.y0];
export const toPlane = (p: Placement, x: number, y: number): [u: number, v: number] => [(x - p.x0) / p.xu, (y - p.y0) / p.yv];

/** Nearest voxel of the plane to a point of the view, or null outside the slice. */
export function voxelAt(frame: Frame, p: Placement, x: number, y: number): [u: number, v: number] | null {
  const [u, v] = toPlane(p, x, y).map(Math.round);
  return u < 0 || v < 0 || u >= frame.width || v >= frame.height ? null : [u, v];
}

/** Same, but points outside go to the nearest voxel of the slice. */
export function nearestVoxel(frame: Frame, p: Placement, x: number, y: number): [u: number, v: number] {
  const [u, v] = toPlane(p, x, y);
  const within = (value: number, count: number) => Math.min(count - 1, Math.max(0, Math.round(value)));
  return [within(u, frame.width), within(v, frame.height)];
}

/** Zooms by a factor so that the voxel under (x, y) stays under it. */
export function zoomAbout(frame: Frame, camera: Camera, factor: number, x: number, y: number): Camera {
  const zoom = Math.min(zoomRange.most, Math.max(zoomRange.least, camera.zoom * factor));
  const [u, v] = toPlane(place(frame, camera), x, y);
  const [cu, cv] = centreOf(frame, camera);
  const keep = camera.zoom / zoom;
  return { zoom, centre: [u + (cu - u) * keep, v + (cv - v) * keep] };
}

/** Moves the slice by a distance on the screen; some of it always stays in sight. */
export function panBy(frame: Frame, camera: Camera, dx: number, dy: number): Camera {
  const { xu, yv } = place(frame, camera);
  const [u, v] = centreOf(frame, camera);
  const within = (value: number, count: number) => Math.min(count - 1, Math.max(0, value));
  return { ...camera, centre: [within(u - dx / xu, frame.width), within(v - dy / yv, frame.height)] };
}

/** The longest round length (1, 2 or 5 times a power of ten, in mm) that is at most `longest` CSS pixels. */
export function scaleBar(scale: number, longest: number): { mm: number; pixels: number } {
  const most = longest / scale;
  const power = 10 ** Math.floor(Math.log10(most));
  const mm = [5, 2, 1].map((step) => step * power).find((length) => length <= most * (1 + 1e-9)) ?? power;
  return { mm, pixels: mm * scale };
}
