/** Made-up studies for the viewer alone: ellipsoid torsos with known numbers in known places, on straight and on tilted grids. */
import { createHash } from 'node:crypto';
import type { MaskSource } from '../../../src/renderer/viewer/sources';
import type { Case, Channel, FileHash, Statistics, Structure } from '../../../src/shared/domain';
import { type Grid, type Index3, toMm } from '../../../src/shared/geometry';
import { bytesOf, dtypeOf, type Voxels } from '../../../src/shared/volume';

interface Ellipsoid {
  structure: number;
  name: string;
  colour: string;
  centre: readonly [number, number, number];
  radii: readonly [number, number, number];
  hu: number;
  suv: number;
}

/** Millimetres from the middle of the body, RAS+: the liver is on the patient's right (positive x). */
const organs: readonly Ellipsoid[] = [
  { structure: 1, name: 'Liver', colour: '#5aa5e6', centre: [48, 8, -10], radii: [68, 52, 48], hu: 62, suv: 2.4 },
  { structure: 2, name: 'Spleen', colour: '#ab8ce4', centre: [-92, -12, 0], radii: [26, 34, 40], hu: 50, suv: 1.9 },
  { structure: 3, name: 'Kidney R', colour: '#6fcf8b', centre: [56, -48, -70], radii: [24, 22, 44], hu: 34, suv: 4.2 },
  { structure: 4, name: 'Kidney L', colour: '#f2d25c', centre: [-58, -48, -66], radii: [24, 22, 44], hu: 34, suv: 4.0 },
  { structure: 5, name: 'Heart', colour: '#f08a70', centre: [-18, 22, 78], radii: [46, 38, 42], hu: 42, suv: 5.5 },
  { structure: 6, name: 'Aorta', colour: '#ef5d63', centre: [-6, -28, -20], radii: [12, 12, 150], hu: 46, suv: 1.6 },
  { structure: 7, name: 'Lung R', colour: '#8fd6c8', centre: [72, -6, 98], radii: [44, 66, 84], hu: -790, suv: 0.5 },
  { structure: 8, name: 'Lung L', colour: '#c9cf7a', centre: [-76, -6, 98], radii: [42, 64, 82], hu: -790, suv: 0.5 },
];
const bodyRadii = [165, 108, 215] as const;
const spine = { centre: [0, -66, 0] as const, radii: [19, 19, 205] as const };

const within = (p: readonly number[], c: readonly number[], r: readonly number[], grow = 0) =>
  ((p[0] - c[0]) / (r[0] + grow)) ** 2 + ((p[1] - c[1]) / (r[1] + grow)) ** 2 + ((p[2] - c[2]) / (r[2] + grow)) ** 2;

/** A repeatable sequence of numbers in [0, 1). */
function noise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Plan {
  size: Index3;
  spacing: readonly [number, number, number];
  /** Rotation about the z axis, in degrees. */
  tilt?: number;
  channels: ('CT' | 'PET' | 'MR')[];
  masks: MaskSource['kind'][];
}

export const plans: Record<string, Plan> = {
  torso: { size: [72, 64, 88], spacing: [5, 5, 5], channels: ['CT', 'PET'], masks: ['reference', 'student', 'teacher-ct', 'teacher-pet'] },
  flat: { size: [144, 120, 60], spacing: [2.5, 2.5, 7.5], channels: ['CT'], masks: ['reference', 'student'] },
  students: { size: [72, 64, 88], spacing: [5, 5, 5], channels: ['CT'], masks: ['reference', 'student', 'second-student'] },
  tilted: { size: [72, 72, 80], spacing: [5, 5, 5], tilt: 20, channels: ['MR'], masks: [] },
  pet: { size: [72, 64, 88], spacing: [5, 5, 5], channels: ['PET'], masks: ['reference'] },
  large: { size: [400, 400, 326], spacing: [0.9, 0.9, 1.4], channels: ['CT'], masks: ['reference', 'student'] },
};

function gridOf({ size, spacing, tilt = 0 }: Plan): Grid {
  const [c, s] = [Math.cos((tilt * Math.PI) / 180), Math.sin((tilt * Math.PI) / 180)];
  const axes = [
    [c * spacing[0], -s * spacing[1], 0],
    [s * spacing[0], c * spacing[1], 0],
    [0, 0, spacing[2]],
  ];
  const middle = size.map((count) => (count - 1) / 2);
  const rows = axes.map((row) => [...row, -row.reduce((sum, step, axis) => sum + step * middle[axis], 0)]);
  return { size, affine: [...rows.flat(), 0, 0, 0, 1] };
}

function forEachVoxel(grid: Grid, visit: (at: number, mm: readonly [number, number, number]) => void): void {
  let at = 0;
  for (let k = 0; k < grid.size[2]; k++)
    for (let j = 0; j < grid.size[1]; j++) for (let i = 0; i < grid.size[0]; i++) visit(at++, toMm(grid, [i, j, k]));
}

function paintChannel(grid: Grid, kind: Plan['channels'][number]): Voxels {
  const count = grid.size[0] * grid.size[1] * grid.size[2];
  const random = noise(7);
  const voxels = kind === 'PET' ? new Float32Array(count) : new Int16Array(count);
  forEachVoxel(grid, (at, mm) => {
    const body = within(mm, [0, 0, 0], bodyRadii);
    if (body > 1) {
      voxels[at] = kind === 'PET' ? 0.02 * random() : kind === 'MR' ? 8 * random() : -1000 + 20 * random();
      return;
    }
    const organ = organs.find(({ centre, radii }) => within(mm, centre, radii) < 1);
    const isSpine = within(mm, spine.centre, spine.radii) < 1;
    const hu = isSpine ? 420 : (organ?.hu ?? (body > 0.86 ? -95 : 18));
    const suv = isSpine ? 1.2 : (organ?.suv ?? 0.6);
    voxels[at] = kind === 'PET' ? suv * (0.85 + 0.3 * random()) : kind === 'MR' ? (hu + 900) * 0.6 : hu + 26 * (random() - 0.5);
  });
  return voxels;
}

/** How each source is wrong, in mm. */
const painters: Record<MaskSource['kind'], { caption: string; grow: number; shift: readonly [number, number, number] }> = {
  reference: { caption: 'Reference', grow: 0, shift: [0, 0, 0] },
  student: { caption: 'Student · run 1', grow: 2.5, shift: [0, 0, 6] },
  'second-student': { caption: 'Student · run 2', grow: 8, shift: [0, 0, -6] },
  'teacher-ct': { caption: 'CT teacher', grow: -3, shift: [4, 0, 0] },
  'teacher-pet': { caption: 'PET teacher', grow: 6, shift: [-3, 5, 0] },
  agreed: { caption: 'Both teachers', grow: 1, shift: [1, 2, 0] },
};

/** Organs a little wrong in a way that belongs to the source; the reference has them exactly. */
function paintMask(grid: Grid, kind: MaskSource['kind']): Uint8Array {
  const voxels = new Uint8Array(grid.size[0] * grid.size[1] * grid.size[2]);
  const { grow, shift } = painters[kind];
  forEachVoxel(grid, (at, mm) => {
    const found = organs.find(
      ({ centre, radii }) => within(mm, [centre[0] + shift[0], centre[1] + shift[1], centre[2] + shift[2]], radii, grow) < 1,
    );
    voxels[at] = found && within(mm, [0, 0, 0], bodyRadii) < 1 ? found.structure : 0;
  });
  return voxels;
}

function statisticsOf(voxels: Voxels): Statistics {
  const sample = Float32Array.from({ length: 20_000 }, (_, n) => voxels[Math.floor((n / 20_000) * voxels.length)]).sort();
  const at = (share: number) => sample[Math.floor(share * (sample.length - 1))];
  const mean = sample.reduce((sum, value) => sum + value, 0) / sample.length;
  return { min: at(0), max: at(1), mean, std: 1, p005: at(0.005), p05: at(0.05), p50: at(0.5), p95: at(0.95), p995: at(0.995) };
}

/** Builds a study; every file it names can then be had from `files`. */
export function makeStudy(name: string, files: Map<string, Uint8Array>) {
  const plan = plans[name];
  const grid = gridOf(plan);
  const keep = (voxels: Voxels): FileHash => {
    const bytes = bytesOf(voxels);
    const hash = createHash('sha256').update(bytes).digest('hex') as FileHash;
    files.set(hash, bytes);
    return hash;
  };
  const channels = plan.channels.map((modality, position): Channel => {
    const voxels = paintChannel(grid, modality);
    const unit = modality === 'CT' ? 'HU' : modality === 'PET' ? 'SUV' : 'a.u.';
    return {
      id: `${name}-${position}` as Channel['id'],
      position,
      modality,
      unit,
      dtype: dtypeOf(voxels),
      file: keep(voxels),
      statistics: statisticsOf(voxels),
      source: { fileName: `${name}.nii.gz`, original: '' as FileHash, grid, orientation: 'RAS', form: 'sform', warnings: [] },
    };
  });
  const sources = plan.masks.map(
    (kind): MaskSource => ({ id: kind, kind, caption: painters[kind].caption, file: keep(paintMask(grid, kind)) }),
  );
  const subject: Case = {
    id: name as Case['id'],
    name,
    split: 'test',
    patient: null,
    grid,
    channels,
    label: null,
    addedAt: '2026-01-01T00:00:00Z',
  };
  const structures = organs.map(
    ({ structure, name: organ, colour }): Structure => ({ index: structure, name: organ, colour, mirror: null }),
  );
  return { subject, structures, sources };
}
