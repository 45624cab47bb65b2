/** The camera of 3D views: an orbit around the body, described so that linked views can share it whatever they show. */

/** Angles in degrees. At azimuth 0 and elevation 0 the camera stands in front of the patient; azimuth grows towards the patient's right. */
export interface Orbit {
  readonly azimuth: number;
  readonly elevation: number;
  /** 1 shows the whole volume. */
  readonly zoom: number;
  /** How far the middle of the view is moved to the right and up, in radii of the volume. */
  readonly shift: readonly [right: number, up: number];
}

type Vector = [number, number, number];

const towards = (azimuth: number, elevation: number): Orbit => ({ azimuth, elevation, zoom: 1, shift: [0, 0] });
export const openingOrbit: Orbit = towards(0, 0);

/** Keypad 1, 3 and 7, as in 3D Slicer; with Shift the opposite. */
export const standardViews: Record<string, { readonly from: Orbit; readonly opposite: Orbit }> = {
  Numpad1: { from: towards(0, 0), opposite: towards(180, 0) },
  Numpad3: { from: towards(-90, 0), opposite: towards(90, 0) },
  Numpad7: { from: towards(180, 90), opposite: towards(0, -90) },
};

const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** Unit vectors of the camera in RAS+: `out` from the volume to the camera, `up` and `right` on the screen. */
export function orbitAxes({ azimuth, elevation }: Orbit): { out: Vector; up: Vector; right: Vector } {
  const [sa, ca] = [Math.sin(radians(azimuth)), Math.cos(radians(azimuth))];
  const [se, ce] = [Math.sin(radians(elevation)), Math.cos(radians(elevation))];
  // Up is the derivative of `out` by elevation, so it is well defined even straight above the head.
  return { out: [sa * ce, ca * ce, se], up: [-sa * se, -ca * se, ce], right: [-ca, sa, 0] };
}

/** View angle of the lens in degrees: long, so that left and right compare fairly. */
export const lensAngle = 18;

/** Where the camera stands and looks, in mm, for a volume of this centre and bounding radius. */
export function cameraPlace(orbit: Orbit, centre: readonly number[], radius: number) {
  const { out, up, right } = orbitAxes(orbit);
  const distance = (radius / Math.sin(radians(lensAngle / 2)) / orbit.zoom) * 0.8;
  const focus = centre.map((c, axis) => c - radius * (orbit.shift[0] * right[axis] + orbit.shift[1] * up[axis])) as Vector;
  return { focus, up, position: focus.map((f, axis) => f + distance * out[axis]) as Vector, distance };
}

/** Turning by a drag of (dx, dy) CSS pixels: half a turn across 400 px. */
export const turned = (orbit: Orbit, dx: number, dy: number): Orbit => ({
  ...orbit,
  azimuth: ((((orbit.azimuth + dx * 0.45) % 360) + 540) % 360) - 180,
  elevation: Math.min(90, Math.max(-90, orbit.elevation + dy * 0.45)),
});

export const zoomed = (orbit: Orbit, factor: number): Orbit => ({ ...orbit, zoom: Math.min(12, Math.max(0.3, orbit.zoom * factor)) });

/** Moving by a drag, so that what is in the middle plane follows the pointer. */
export function shifted(orbit: Orbit, dx: number, dy: number, viewHeight: number): Orbit {
  const perPixel = (2 * 0.8 * Math.tan(radians(lensAngle / 2))) / Math.sin(radians(lensAngle / 2)) / orbit.zoom / viewHeight;
  const within = (value: number) => Math.min(1, Math.max(-1, value));
  return { ...orbit, shift: [within(orbit.shift[0] + dx * perPixel), within(orbit.shift[1] - dy * perPixel)] };
}

/** Where the body's six directions point on the screen (x right, y up, unit length) and how far towards the viewer, farthest first. */
export function compass(orbit: Orbit): { letter: string; x: number; y: number; depth: number }[] {
  const { out, up, right } = orbitAxes(orbit);
  return (['R', 'A', 'S'] as const)
    .flatMap((letter, axis) => [
      { letter: letter as string, x: right[axis], y: up[axis], depth: out[axis] },
      { letter: { R: 'L', A: 'P', S: 'I' }[letter] as string, x: -right[axis], y: -up[axis], depth: -out[axis] },
    ])
    .sort((a, b) => a.depth - b.depth);
}
