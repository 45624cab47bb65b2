/** The body around the organs: where a patient lies in the scanner, the cavity of the trunk, and the wall of muscle and fat about it. */
import type { Random } from '../../../shared/random';
import type { Variation } from './variation';

/** Height of the body frame in mm: z = 0 at the pelvic floor, 400 at the top of the lungs (a compact trunk, so that 80 slices hold it). */
export const trunkHeightMm = 400;

export interface Frame {
  /** Body-frame millimetres (x right, y anterior, z superior) of a scanner position in mm. */
  toBody(x: number, y: number, z: number): [number, number, number];
  /** Depth below the inner surface of the trunk wall, mm; positive inside the cavity. */
  cavityDepth(x: number, y: number, z: number): number;
  /** Thickness of muscle and of fat under the skin towards this side, mm. */
  muscleMm: number;
  fatMm(x: number, y: number, z: number): number;
  /** Scanner millimetres per body-frame millimetre, averaged. */
  scale: number;
  /** Half width and half depth of the widest part with its wall, in scanner mm. */
  halfWidthMm: number;
  halfDepthMm: number;
}

/** Half widths of the cavity by height: hips, waist, ribs, shoulders. */
const profile = [
  { z: -60, x: 112, y: 78 },
  { z: 20, x: 114, y: 78 },
  { z: 90, x: 110, y: 74 },
  { z: 150, x: 104, y: 72 },
  { z: 220, x: 114, y: 82 },
  { z: 300, x: 112, y: 84 },
  { z: 350, x: 96, y: 74 },
  { z: 395, x: 70, y: 56 },
  { z: 460, x: 52, y: 44 },
];

export function drawFrame(random: Random, { pose, size, shape }: Variation): Frame {
  const grow = Math.exp(0.05 * size * random.normal());
  const scale = [0.045, 0.05, 0.04].map((s) => grow * Math.exp(s * size * random.normal()));
  const angles = [0.06, 0.06, 0.09].map((s) => s * pose * random.normal());
  const shift = [7, 7].map((s) => s * pose * random.normal());
  const start = pose * 11 * random.normal();
  const roundness = 2.45 + 0.25 * Math.max(-1.5, Math.min(1.5, shape * random.normal()));
  const fat = Math.min(32, 11 * Math.exp(0.5 * size * random.normal()));
  const belly = Math.exp(0.35 * size * random.normal());
  const muscleMm = 10 * Math.exp(0.2 * size * random.normal());
  const waist = 0.05 * shape * random.normal();
  const [cx, sx, cy, sy, cz, sz] = angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]);
  const middle = trunkHeightMm / 2;

  const half = (z: number): [number, number] => {
    let n = 1;
    while (n < profile.length - 1 && profile[n].z < z) n++;
    const [p, q] = [profile[n - 1], profile[n]];
    const t = Math.min(1, Math.max(0, (z - p.z) / (q.z - p.z)));
    const smooth = t * t * (3 - 2 * t);
    const narrow = 1 + waist * Math.exp(-(((z - 130) / 70) ** 2));
    return [(p.x + (q.x - p.x) * smooth) * narrow, (p.y + (q.y - p.y) * smooth) * narrow];
  };

  return {
    muscleMm,
    scale: (scale[0] + scale[1] + scale[2]) / 3,
    halfWidthMm: (114 + muscleMm + fat) * scale[0],
    halfDepthMm: (84 + muscleMm + fat * Math.max(1, 0.8 * belly)) * scale[1],
    toBody(x, y, z) {
      const [a, b, c] = [x - shift[0], y - shift[1], z - middle - start];
      const [b1, c1] = [cx * b + sx * c, -sx * b + cx * c];
      const [a2, c2] = [cy * a - sy * c1, sy * a + cy * c1];
      const [a3, b3] = [cz * a2 + sz * b1, -sz * a2 + cz * b1];
      return [a3 / scale[0], b3 / scale[1], c2 / scale[2] + middle];
    },
    cavityDepth(x, y, z) {
      const [hx, hy] = half(z);
      const k = (Math.abs(x / hx) ** roundness + Math.abs(y / hy) ** roundness) ** (1 / roundness);
      return k < 1e-6 ? Math.min(hx, hy) : ((1 - k) * Math.hypot(x, y)) / k;
    },
    fatMm(_x, y, z) {
      const abdominal = 1 / (1 + Math.exp((z - 210) / 25));
      const front = y > 0 ? 1 + abdominal * (belly - 1) * Math.min(1, y / 60) : 1;
      return 3 + fat * (0.55 + 0.45 * abdominal) * front * (y < -50 ? 0.8 : 1);
    },
  };
}
