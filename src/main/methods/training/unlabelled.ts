/** Draws patches without labels: the same voxels as the student and every frozen teacher see them. Batch t depends on the seed and on t alone. */
import type { StudentSpec } from '../../../shared/domain';
import { spacingMm, voxelCount } from '../../../shared/geometry';
import { random } from '../../../shared/random';
import type { CommonSettings } from '../../../shared/runs';
import type { HuWindow } from '../../../shared/teachers';
import { standardise } from '../../imaging/teacherCrop';
import { pickCase, pickCentre } from './batches';
import { augmentIntensity } from './intensity';
import { emptiness, normalise, resolve } from './normalisation';
import { bytesFrom, onLattice, type Prepared, placesOf, type StoredStudy, trainingGrid } from './prepare';
import { cutPatch, drawCut } from './warp';

/** What a frozen teacher sees: one channel of a case in its own unit, brought into a window where it is HU, and z-scored over what is above 0. */
export interface TeacherView {
  channel: number;
  huWindow: HuWindow | null;
}

/** The patches of one step, i fastest; one array per view. */
export interface UnlabelledBatch {
  /** Numbers of the cases they are from. */
  cases: number[];
  student: Float32Array;
  plain: Float32Array;
  views: Float32Array[];
}
export type UnlabelledSettings = Pick<CommonSettings, 'seed' | 'patch' | 'intensity' | 'deformation'> & {
  /** Patches per step. */
  unlabelled: number;
};

/**
 * Reads a case: the student's normalised channels, then one channel per view as it is. Its one list of places holds voxels of the body, which
 * are those above the emptiest intensity of the first channel.
 */
export async function prepareUnlabelled(
  study: StoredStudy,
  spec: Pick<StudentSpec, 'channels' | 'spacingMm'>,
  views: readonly TeacherView[],
): Promise<Prepared> {
  const grid = trainingGrid(study.channels[0].grid, spec.spacingMm);
  const normalised: Float32Array[] = [];
  const asItIs = new Map<number, Float32Array>();
  const outside: number[] = [];
  for (const [at, channel] of study.channels.entries()) {
    const { voxels } = await onLattice(channel, grid);
    const own = resolve(spec.channels[at], channel.statistics);
    normalised.push(normalise(voxels, own));
    outside.push(emptiness(own));
    if (views.some((view) => view.channel === at)) asItIs.set(at, new Float32Array(voxels));
  }
  const body = bytesFrom(normalised[0], (value) => Number(value > outside[0]));
  return {
    grid,
    size: grid.size,
    spacingMm: spacingMm(grid),
    channels: [...normalised, ...views.map(({ channel }) => asItIs.get(channel) as Float32Array)],
    outside: [...outside, ...views.map(() => 0)],
    classes: null,
    places: placesOf(body, 1),
    bytes: voxelCount(grid) * 4 * (normalised.length + asItIs.size),
  };
}

/**
 * Draws the patches of one step around random voxels of the body. Cases come once per pass, in a new order each pass. They are bent and turned
 * as labelled patches are, but never flipped: a teacher that was trained on bodies as they are would be asked about one that is not.
 */
export async function drawUnlabelled(
  step: number,
  count: number,
  open: (at: number) => Promise<Prepared>,
  views: readonly TeacherView[],
  { seed, patch, unlabelled, intensity, deformation }: UnlabelledSettings,
): Promise<UnlabelledBatch> {
  const size = patch[0] * patch[1] * patch[2];
  const order = random(seed)
    .fork('unlabelled')
    .integer(2 ** 31);
  const cases = Array.from({ length: unlabelled }, (_, n) => pickCase(order, step * unlabelled + n, count));
  const cuts: Float32Array[][] = [];
  for (const [n, at] of cases.entries()) {
    const stream = random(seed).fork(`unlabelled ${step} ${n}`);
    const source = await open(at);
    const centre = pickCentre(stream, source, patch, 1);
    const cut = drawCut(stream, centre, patch, source.spacingMm, deformation, false);
    const images = source.channels.map(() => new Float32Array(size));
    cutPatch(source, cut, patch, images, null, []);
    cuts.push(images);
  }
  const channels = cuts[0].length - views.length;
  const plain = joined(cuts.map((images) => images.slice(0, channels)));
  for (const [n, images] of cuts.entries()) {
    const stream = random(seed).fork(`unlabelled intensity ${step} ${n}`);
    for (const [c, image] of images.entries()) {
      if (c < channels) augmentIntensity(stream, image, intensity);
      else standardise(image, views[c - channels].huWindow);
    }
  }
  return {
    cases,
    student: joined(cuts.map((images) => images.slice(0, channels))),
    plain,
    views: views.map((_, v) => joined(cuts.map((images) => [images[channels + v]]))),
  };
}

/** All arrays of all patches, one after the other. */
function joined(patches: readonly (readonly Float32Array[])[]): Float32Array {
  const parts = patches.flat();
  const all = new Float32Array(parts.length * parts[0].length);
  for (const [n, part] of parts.entries()) all.set(part, n * part.length);
  return all;
}
