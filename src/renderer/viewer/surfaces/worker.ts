/** The thread that turns masks into surfaces, distances and strips, so that the page never waits for them. */
import { type Grid, type Index3, spacingMm, toIndex, voxelCount } from '../../../shared/geometry';
import { type Dtype, type Voxels, viewVoxels } from '../../../shared/volume';
import { differencesAlongAxes } from '../differences';
import { Recent } from '../recent';
import { legendRange, signedDistance, valueAt } from './distance';
import { type Box3, boxesOf, smoothField } from './occupancy';
import { shrink, stepsFor } from './shrink';
import { surfaceOf } from './surfaceNets';
import type { FromWorker, MeasuredSurface, StoredFile, StructureSurface, TaskName, Tasks, ToWorker } from './tasks';

/** Masks read lately: the same few are asked for again and again. */
const masks = new Recent<Promise<Uint8Array>>(6);

async function read({ address }: StoredFile): Promise<Uint8Array> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`the file store answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
async function readMask(stored: StoredFile, grid: Grid): Promise<Uint8Array> {
  const bytes = await masks.get(stored.file, () => read(stored));
  if (bytes.length !== voxelCount(grid)) throw new Error(`the mask has ${bytes.length} voxels, its grid ${voxelCount(grid)}`);
  return bytes;
}
const readImage = async (stored: StoredFile, dtype: Dtype, grid: Grid): Promise<Voxels> => viewVoxels(await read(stored), dtype, grid);

function surfacesOf(labels: Uint8Array, grid: Grid): StructureSurface[] {
  return [...boxesOf(labels, grid.size)].map(([structure, box]) => {
    const { field, level } = smoothField(labels, grid.size, spacingMm(grid), structure, box);
    return { structure, ...surfaceOf(field, level, grid.affine) };
  });
}

/** A box around both, with room for the surfaces to differ. */
const around = (a: Box3, b: Box3, size: Index3): Box3 => ({
  low: a.low.map((from, axis) => Math.max(0, Math.min(from, b.low[axis]) - 3)) as unknown as Index3,
  high: a.high.map((to, axis) => Math.min(size[axis] - 1, Math.max(to, b.high[axis]) + 3)) as unknown as Index3,
});

function measured(mask: Uint8Array, reference: Uint8Array, grid: Grid): Tasks['distances']['answer'] {
  const [boxes, referenceBoxes] = [boxesOf(mask, grid.size), boxesOf(reference, grid.size)];
  const surfaces = surfacesOf(mask, grid).map((surface): MeasuredSurface => {
    const distances = new Float32Array(surface.points.length / 3).fill(Number.NaN);
    const box = referenceBoxes.get(surface.structure);
    if (box) {
      const field = signedDistance(reference, grid, surface.structure, around(box, boxes.get(surface.structure)!, grid.size));
      for (let n = 0; n < distances.length; n++) {
        const [x, y, z] = surface.points.subarray(3 * n, 3 * n + 3);
        distances[n] = valueAt(field, toIndex(grid, [x, y, z]));
      }
    }
    return { ...surface, distances };
  });
  return { surfaces, range: legendRange(surfaces.map(({ distances }) => distances)) };
}

async function answer(message: ToWorker): Promise<Tasks[TaskName]['answer']> {
  const { ask } = message;
  switch (message.name) {
    case 'surfaces':
      return surfacesOf(await readMask(message.ask.mask, ask.grid), ask.grid);
    case 'distances':
      return measured(await readMask(message.ask.mask, ask.grid), await readMask(message.ask.reference, ask.grid), ask.grid);
    case 'shrink': {
      const { image, dtype, grid, mostSamples } = message.ask;
      return shrink(await readImage(image, dtype, grid), grid.size, stepsFor(grid.size, spacingMm(grid), mostSamples));
    }
    case 'differences': {
      const { mask, reference, grid, hidden } = message.ask;
      return differencesAlongAxes(await readMask(reference, grid), await readMask(mask, grid), grid.size, new Set(hidden));
    }
  }
}

self.onmessage = async ({ data }: MessageEvent<ToWorker>) => {
  const post = (message: FromWorker) => self.postMessage(message);
  try {
    post({ id: data.id, kind: 'done', answer: await answer(data) });
  } catch (error) {
    post({ id: data.id, kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
};
