/** A stored case made ready for training: normalised, on the training spacing, with class numbers and places to centre patches on. */
import { readFile } from 'node:fs/promises';
import type { Normalisation, Statistics, StudentSpec, Unit } from '../../../shared/domain';
import { fail, sentenceOf } from '../../../shared/errors';
import { type Grid, spacingMm, voxelCount } from '../../../shared/geometry';
import { type Dtype, type LabelMap, type Volume, viewVoxels } from '../../../shared/volume';
import { resample, spacedGrid } from '../../imaging/resample';
import { emptiness, fitNormalisation, foregroundSample, normalise, resolve } from './normalisation';
import type { Source } from './warp';

/** A raw volume on disk. */
export interface Stored {
  path: string;
  dtype: Dtype;
  grid: Grid;
}
/** What preparing needs to know of a case; `label` is null for an unlabelled one. */
export interface StoredStudy {
  name: string;
  channels: (Stored & { modality: Normalisation['modality']; unit: Unit; statistics: Statistics })[];
  label: Stored | null;
}

/** A case on the training lattice. */
export interface Prepared extends Source {
  grid: Grid;
  /** Up to `placesPerClass` voxel positions per class number 1…, evenly spread through the class; empty where it is absent. */
  places: Int32Array[];
  bytes: number;
}

const placesPerClass = 4000;

/** Reads a stored volume. @throws FILE_DAMAGED if it is gone or has another size than its grid. */
export async function readStored({ path, dtype, grid }: Stored): Promise<Volume> {
  try {
    return { grid, voxels: viewVoxels(await readFile(path), dtype, grid) };
  } catch (error) {
    return fail('FILE_DAMAGED', path, sentenceOf(error));
  }
}

/** Label value → class number (position in `structures` + 1); values of no listed structure become background. */
export function classTable(structures: readonly number[]): Uint8Array {
  const table = new Uint8Array(256);
  structures.forEach((index, at) => {
    table[index] = at + 1;
  });
  return table;
}

/** Fits the normalisation of every channel to the labelled cases, one case in memory at a time. */
export async function fitChannels(studies: readonly StoredStudy[]): Promise<Normalisation[]> {
  const samples: Float32Array[][] = studies[0].channels.map(() => []);
  for (const { channels, label } of studies) {
    if (!label) continue;
    const mask = (await readStored(label)).voxels as Uint8Array;
    for (const [at, channel] of channels.entries()) samples[at].push(foregroundSample((await readStored(channel)).voxels, mask));
  }
  return studies[0].channels.map(({ modality, unit }, at) => fitNormalisation(modality, unit, samples[at]));
}

/** The lattice a case is trained and predicted on: its own, unless its voxels differ by more than 1 % from the student's. */
export function trainingGrid(grid: Grid, wanted: readonly [number, number, number]): Grid {
  const same = spacingMm(grid).every((mm, axis) => Math.abs(mm / wanted[axis] - 1) <= 0.01);
  return same ? grid : spacedGrid(grid, wanted);
}

/** Reads, resamples and normalises a case. Memory: four bytes per voxel and channel, one per voxel for the classes. */
export async function prepare(study: StoredStudy, spec: Pick<StudentSpec, 'channels' | 'structures' | 'spacingMm'>): Promise<Prepared> {
  const grid = trainingGrid(study.channels[0].grid, spec.spacingMm);
  const channels: Float32Array[] = [];
  const outside: number[] = [];
  for (const [at, channel] of study.channels.entries()) {
    const own = resolve(spec.channels[at], channel.statistics);
    channels.push(normalise((await onLattice(channel, grid)).voxels, own));
    outside.push(emptiness(own));
  }
  const classes = study.label ? await readClasses(study.label, grid, classTable(spec.structures)) : null;
  const places = classes ? placesOf(classes, spec.structures.length) : [];
  return {
    grid,
    size: grid.size,
    spacingMm: spacingMm(grid),
    channels,
    outside,
    classes,
    places,
    bytes: voxelCount(grid) * (4 * channels.length + 1),
  };
}

/** A stored channel on the training lattice, in its own unit. */
export async function onLattice(channel: Stored, grid: Grid): Promise<Volume> {
  const stored = await readStored(channel);
  return grid === channel.grid ? stored : resample(stored, grid, 'linear');
}

async function readClasses(label: Stored, grid: Grid, table: Uint8Array): Promise<Uint8Array> {
  const stored = (await readStored(label)) as LabelMap;
  const { voxels } = grid === label.grid ? stored : resample(stored, grid, 'nearest');
  return bytesFrom(voxels as Uint8Array, (value) => table[value]);
}

/** A byte for every voxel. `Uint8Array.from` does the same more than ten times slower, which for a whole body is minutes. */
export function bytesFrom(voxels: Uint8Array | Float32Array, byteOf: (value: number) => number): Uint8Array {
  const bytes = new Uint8Array(voxels.length);
  for (let v = 0; v < bytes.length; v++) bytes[v] = byteOf(voxels[v]);
  return bytes;
}

/** Voxel positions of every class 1 … `count`. */
export function placesOf(classes: Uint8Array, count: number): Int32Array[] {
  const totals = new Uint32Array(count + 1);
  for (const value of classes) totals[value]++;
  const every = Array.from(totals, (total) => Math.max(1, Math.ceil(total / placesPerClass)));
  const places = Array.from(totals, (total, c) => new Int32Array(c === 0 ? 0 : Math.ceil(total / every[c])));
  const seen = new Uint32Array(count + 1);
  for (let v = 0; v < classes.length; v++) {
    const c = classes[v];
    if (c > 0 && seen[c]++ % every[c] === 0) places[c][(seen[c] - 1) / every[c]] = v;
  }
  return places.slice(1);
}
