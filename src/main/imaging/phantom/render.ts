/** Paints a patient into voxels: density, uptake and label, each edge with the partial volume a voxel of that size has. */
import { type Grid, spacingMm, voxelCount } from '../../../shared/geometry';
import { smoothField } from './fields';
import type { Frame } from './frame';
import type { Layer } from './layer';
import type { Patient } from './patient';

/** The patient before any scanner looked: noiseless densities and uptakes. */
export interface Scene {
  hu: Float32Array;
  suv: Float32Array;
  label: Uint8Array;
}

export function render(grid: Grid, frame: Frame, patient: Patient, layers: readonly Layer[]): Scene {
  const count = voxelCount(grid);
  const spacing = spacingMm(grid)[0];
  const at = bodyPositions(grid, frame, patient, spacing);
  const random = patient.random.fork('texture');
  const fine = smoothField(grid.size, 1.6, random.fork('fine'));
  const coarse = smoothField(grid.size, 5, random.fork('coarse'));
  const scene: Scene = { hu: new Float32Array(count).fill(-1000), suv: new Float32Array(count), label: new Uint8Array(count) };
  // Half the depth over which an edge goes from empty to full: half a voxel, in body millimetres.
  const edge = (0.55 * spacing) / frame.scale;

  paintTable(grid, frame, scene, patient);
  const grain = (n: number) => 0.75 * fine[n] + 0.65 * coarse[n];
  const cover = (n: number, depth: number, tissue: { hu: number; suv: number; grainHu: number }) => {
    const share = Math.min(1, (depth + edge) / (2 * edge));
    scene.hu[n] += share * (tissue.hu + tissue.grainHu * grain(n) - scene.hu[n]);
    scene.suv[n] += share * (tissue.suv * (1 + 0.08 * coarse[n]) - scene.suv[n]);
  };

  const { fat, muscle, mediastinum } = patient.tissues;
  const cavity = new Float32Array(count);
  const wall = new Float32Array(count);
  for (let n = 0; n < count; n++) {
    const [x, y, z] = [at.x[n], at.y[n], at.z[n]];
    const depth = frame.cavityDepth(x, y, z);
    cavity[n] = depth;
    const skin = depth + frame.muscleMm + frame.fatMm(x, y, z);
    wall[n] = skin;
    if (skin <= -edge) continue;
    cover(n, skin, fat);
    if (depth + frame.muscleMm > -edge) cover(n, depth + frame.muscleMm, muscle);
    if (depth > -edge) cover(n, depth, z > 235 - 0.3 * y && Math.abs(x) < 45 ? mediastinum : fat);
  }
  for (const { shape, tissue, label, insetMm } of layers) {
    const { low, high } = shape.box;
    for (let n = 0; n < count; n++) {
      const x = at.x[n];
      if (x < low[0] - edge || x > high[0] + edge) continue;
      const y = at.y[n];
      if (y < low[1] - edge || y > high[1] + edge) continue;
      const z = at.z[n];
      if (z < low[2] - edge || z > high[2] + edge) continue;
      const room = insetMm === 'free' ? edge : insetMm === 'skin' ? wall[n] - 3 : cavity[n] - insetMm;
      if (room <= -edge) continue;
      const depth = Math.min(room, shape.depth(x, y, z));
      if (depth <= -edge) continue;
      cover(n, depth, tissue);
      if (label !== 'keep' && depth > 0) scene.label[n] = label;
    }
  }
  return scene;
}

/** Where each voxel lies in the body: pose, then a smooth deformation of everything. */
function bodyPositions(grid: Grid, frame: Frame, patient: Patient, spacing: number) {
  const count = voxelCount(grid);
  const at = { x: new Float32Array(count), y: new Float32Array(count), z: new Float32Array(count) };
  const random = patient.random.fork('deformation');
  // Knots every 70 mm: neighbouring organs move together, distant ones do not.
  const fields = ['x', 'y', 'z'].map((axis) => smoothField(grid.size, 70 / spacing, random.fork(axis)));
  const [a, b, c] = [4.5, 3.5, 6].map((mm) => mm * patient.variation.shape);
  const [ni, nj, nk] = grid.size;
  for (let k = 0, n = 0; k < nk; k++) {
    const z = grid.affine[11] + spacing * k;
    for (let j = 0; j < nj; j++) {
      const y = grid.affine[7] + spacing * j;
      for (let i = 0; i < ni; i++, n++) {
        const p = frame.toBody(grid.affine[3] + spacing * i, y, z);
        at.x[n] = p[0] + a * fields[0][n];
        at.y[n] = p[1] + b * fields[1][n];
        at.z[n] = p[2] + c * fields[2][n];
      }
    }
  }
  return at;
}

/** The couch below the back: a shallow curved shell in scanner coordinates. */
function paintTable(grid: Grid, frame: Frame, scene: Scene, patient: Patient): void {
  const { table } = patient.tissues;
  const spacing = spacingMm(grid)[0];
  const [ni, nj, nk] = grid.size;
  for (let j = 0; j < nj; j++) {
    for (let i = 0; i < ni; i++) {
      const x = grid.affine[3] + spacing * i;
      const top = -frame.halfDepthMm - 4 + 0.0012 * x * x;
      const depth = 7 - Math.abs(grid.affine[7] + spacing * j - (top - 7));
      const share = Math.min(1, Math.max(0, (depth + spacing / 2) / spacing));
      if (share === 0 || Math.abs(x) > 165) continue;
      for (let k = 0; k < nk; k++) scene.hu[i + ni * (j + nj * k)] += share * (table.hu + 1000);
    }
  }
}
