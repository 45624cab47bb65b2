/** The voxel jobs from end to end: phantoms on disk, import, evaluation, export and pictures, with real files in a temporary store. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode as decodePng } from 'fast-png';
import { describe, expect, test } from 'vitest';
import type { DecodedVolume, StoredVolume } from '../../src/main/compute/jobData';
import { decode } from '../../src/main/compute/jobs/decode';
import { evaluate } from '../../src/main/compute/jobs/evaluate';
import { exportVolumes } from '../../src/main/compute/jobs/exportVolumes';
import { phantoms } from '../../src/main/compute/jobs/phantoms';
import { pictures } from '../../src/main/compute/jobs/pictures';
import { type JobContext, type JobName, type Progress, Stopped } from '../../src/main/compute/protocol';
import { addressOf, hashFile } from '../../src/main/files/durable';
import { readNifti } from '../../src/main/imaging/niftiRead';
import { torsoStructures } from '../../src/main/imaging/phantom/structures';
import { torsoPhantom } from '../../src/main/imaging/phantom/torso';
import type { CaseId } from '../../src/shared/domain';
import { sameGrid, voxelCount } from '../../src/shared/geometry';
import { bytesOf, type Voxels, viewVoxels } from '../../src/shared/volume';
import { sharedFolder } from '../folders';
import { niftiBytes, put } from '../imaging/files';

const folder = sharedFolder();
const store = join(folder, 'store');
const data = join(folder, 'Dätensatz');

/** Hears what a job says; `stopAfter` asks it to stop after so many reports. */
function listener<K extends JobName>(stopAfter = Number.POSITIVE_INFINITY) {
  const heard: Progress<K>[] = [];
  const context: JobContext<K> = {
    report: (progress) => heard.push(progress),
    get stopped() {
      return heard.length >= stopAfter;
    },
    breathe: () => Promise.resolve(),
  };
  return { heard, context };
}
const stored = ({ file, dtype, grid }: DecodedVolume): StoredVolume => ({ path: addressOf(store, file.hash), dtype, grid });
const importOne = async (path: string, role: 'image' | 'label') =>
  (await decode({ path, role, store }, listener<'decode'>().context)).volumes[0];
const hashOf = (voxels: Voxels) => createHash('sha256').update(bytesOf(voxels)).digest('hex');
const names = (part: string) => readdirSync(join(data, part)).sort();

describe('a phantom data set', async () => {
  const { heard, context } = listener<'phantoms'>();
  const { files } = await phantoms({ folder: data, seed: 7, cases: 3, labelled: 1, test: 1, variation: 'default' }, context);
  const torso = torsoPhantom(7, 1);
  const image = (name: string) => importOne(join(data, name), 'image');

  test('is laid out as nnU-Net expects', () => {
    expect(files).toBe(9);
    expect(names('imagesTr')).toEqual(['torso_001_0000.nii.gz', 'torso_001_0001.nii.gz', 'torso_002_0000.nii.gz', 'torso_002_0001.nii.gz']);
    expect(names('imagesTs')).toEqual(['torso_003_0000.nii.gz', 'torso_003_0001.nii.gz']);
    expect(names('labelsTr')).toEqual(['torso_001.nii.gz']);
    expect(names('labelsTs')).toEqual(['torso_003.nii.gz']);
    const description = JSON.parse(readFileSync(join(data, 'dataset.json'), 'utf8'));
    expect(description).toMatchObject({ channel_names: { 0: 'CT', 1: 'PET' }, numTraining: 1, file_ending: '.nii.gz' });
    expect(Object.entries(description.labels)).toEqual([['background', 0], ...torsoStructures.map((name, n) => [name, n + 1])]);
    expect(heard.map(({ fraction }) => fraction)).toEqual([1 / 3, 2 / 3, 1, 1]);
  });

  test('comes back through the import voxel by voxel, on canonical axes', async () => {
    const [ct, pet] = [await image('imagesTr/torso_001_0000.nii.gz'), await image('imagesTr/torso_001_0001.nii.gz')];
    expect([ct.orientation, ct.form, ct.warnings, ct.dtype, pet.dtype]).toEqual(['LPS', 'sform', [], 'int16', 'float32']);
    expect(ct.grid).toEqual(torso.ct.grid);
    expect(sameGrid(ct.grid, pet.grid)).toBe(true);
    expect([ct.file.hash, pet.file.hash]).toEqual([hashOf(torso.ct.voxels), hashOf(torso.pet.voxels)]);
    expect(await hashFile(addressOf(store, ct.file.hash))).toBe(ct.file.hash);
    expect(await hashFile(join(data, 'imagesTr/torso_001_0000.nii.gz'))).toBe(ct.original.hash);
    expect(await hashFile(addressOf(store, ct.original.hash))).toBe(ct.original.hash);
  });

  test('has labels whose voxels are counted', async () => {
    const label = await importOne(join(data, 'labelsTr/torso_001.nii.gz'), 'label');
    expect(Object.values(label.voxels).reduce((a, b) => a + b, 0)).toBe(voxelCount(label.grid));
    expect(label.voxels[1]).toBe(torso.label.voxels.reduce<number>((count, value) => count + (value === 1 ? 1 : 0), 0));
  });

  test('making one stops when asked', async () => {
    const making = phantoms(
      { folder: join(folder, 'stopped'), seed: 7, cases: 3, labelled: 1, test: 1, variation: 'default' },
      listener<'phantoms'>(1).context,
    );
    await expect(making).rejects.toThrow(Stopped);
    expect(readdirSync(join(folder, 'stopped')).sort()).toEqual(['imagesTr', 'labelsTr']);
  });

  test('goes out again on the grid it came from, and on canonical axes', async () => {
    const ct = await image('imagesTr/torso_001_0000.nii.gz');
    const items = [
      { volume: stored(ct), sourceGrid: ct.sourceGrid, out: join(folder, 'out/source.nii.gz') },
      { volume: stored(ct), sourceGrid: null, out: join(folder, 'out/canonical.nii') },
    ];
    const { files } = await exportVolumes({ items }, listener<'exportVolumes'>().context);
    const [back, canonical, original] = await Promise.all(
      [...files, join(data, 'imagesTr/torso_001_0000.nii.gz')].map((file) => readNifti(file, 'image')),
    );
    expect(back.grid).toEqual(original.grid);
    expect(hashOf(back.frames[0].voxels)).toBe(hashOf(original.frames[0].voxels));
    expect(canonical.grid).toEqual(torso.ct.grid);
    expect(hashOf(canonical.frames[0].voxels)).toBe(hashOf(torso.ct.voxels));
  });

  test('is scored: a reference against itself is perfect, against a shifted copy it is off by a voxel', async () => {
    const label = await importOne(join(data, 'labelsTr/torso_001.nii.gz'), 'label');
    const voxels = viewVoxels(readFileSync(addressOf(store, label.file.hash)), 'uint8', label.grid);
    const shifted = join(folder, 'shifted.bin');
    writeFileSync(shifted, Buffer.concat([Buffer.of(0), voxels.subarray(0, -1) as Uint8Array]));
    const { heard, context } = listener<'evaluate'>();
    const reference = stored(label);
    const pairs = [reference, { ...reference, path: shifted }].map((prediction, n) => ({
      case: `case ${n}` as CaseId,
      prediction,
      reference,
    }));
    expect(await evaluate({ pairs, structures: [1, 2, 3], toleranceMm: 4 }, context)).toEqual({ pairs: 2 });
    expect(heard[0].scores.map(({ dice, hd95Mm, assdMm, surfaceDice }) => [dice, hd95Mm, assdMm, surfaceDice])).toEqual(
      Array(3).fill([1, 0, 0, 1]),
    );
    for (const { dice, hd95Mm, surfaceDice } of heard[1].scores) {
      expect(dice).toBeGreaterThan(0.7);
      expect(dice).toBeLessThan(1);
      expect(hd95Mm).toBe(5);
      expect(surfaceDice).toBeLessThan(1);
    }
  });

  test('is drawn: three views, the student in teal where it is, the reference in white where they differ', async () => {
    const [ct, label] = [await image('imagesTr/torso_001_0000.nii.gz'), await importOne(join(data, 'labelsTr/torso_001.nii.gz'), 'label')];
    const draw = async (
      out: string,
      masks: { volume: StoredVolume; style: 'reference' | 'student' }[],
      view: 'planes' | 'axial' = 'planes',
    ) => {
      const items = [{ image: stored(ct), window: { low: -160, high: 240 }, masks, view, out: join(folder, out) }];
      const { files } = await pictures({ items, colours: { 1: '#e69f00' } }, listener<'pictures'>().context);
      const { data: pixels, width, height, channels } = decodePng(readFileSync(files[0]));
      const count = ([r, g, b]: number[]) => {
        let found = 0;
        for (let n = 0; n < pixels.length; n += channels) if (pixels[n] === r && pixels[n + 1] === g && pixels[n + 2] === b) found++;
        return found;
      };
      return { width, height, white: count([255, 255, 255]), teal: count([76, 194, 196]) };
    };
    const both = await draw('both.png', [
      { volume: stored(label), style: 'reference' },
      { volume: stored(label), style: 'student' },
    ]);
    expect(both).toMatchObject({ height: 400, white: 0 });
    expect(both.teal).toBeGreaterThan(1000);
    expect(await draw('reference.png', [{ volume: stored(label), style: 'reference' }])).toMatchObject({ white: both.teal, teal: 0 });

    const small = await draw('axial.png', [{ volume: stored(label), style: 'reference' }], 'axial');
    expect([small.width, small.height].sort((a, b) => a - b)[1]).toBe(260);
    expect(small.white).toBeGreaterThan(100);
  });
});

describe('importing', () => {
  test('keeps every frame of a 4-D file as a volume', async () => {
    const path = put(folder, 'four.nii.gz', niftiBytes({ dim: [4, 2, 1, 1, 2], values: [0, 1, 2, 3] }));
    const { volumes } = await decode({ path, role: 'image', store }, listener<'decode'>().context);
    expect(volumes.map(({ statistics: { min, max } }) => [min, max])).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(new Set(volumes.map(({ original }) => original.hash)).size).toBe(1);
  });

  test('leaves nothing behind when a file is refused', async () => {
    const empty = join(folder, 'empty store');
    const path = put(folder, 'bad.nii', niftiBytes({ values: Array(60).fill(3) }));
    await expect(decode({ path, role: 'image', store: empty }, listener<'decode'>().context)).rejects.toMatchObject({
      code: 'FILE_INVALID',
    });
    expect(() => readdirSync(empty)).toThrow();
  });
});

const nibabel = hasNibabel();
test.skipIf(!nibabel)(
  nibabel ? 'nibabel reads our files as we do' : 'nibabel reads our files as we do: skipped, python3-nibabel is not here',
  async () => {
    const file = join(data, 'imagesTr/torso_001_0001.nii.gz');
    const script =
      'import sys, nibabel as n, numpy as np; i = n.as_closest_canonical(n.load(sys.argv[1])); d = np.asarray(i.dataobj); print(n.aff2axcodes(n.load(sys.argv[1]).affine), d.dtype, i.affine[:3].ravel().tolist(), float(d.astype(float).sum()), np.abs(n.load(sys.argv[1]).get_qform() - n.load(sys.argv[1]).affine).max() < 1e-4)';
    const said = execFileSync('/usr/bin/python3', ['-c', script, file], { encoding: 'utf8' });
    const { grid, voxels } = torsoPhantom(7, 1).pet;
    let sum = 0;
    for (const x of voxels) sum += x;
    expect(said).toContain(
      `('L', 'P', 'S') float32 [${grid.affine
        .slice(0, 12)
        .map((x) => (Number.isInteger(x) ? `${x}.0` : x))
        .join(', ')}] `,
    );
    expect(Number(said.split(' ').at(-2))).toBeCloseTo(sum, 1);
    expect(said.trim().endsWith('True')).toBe(true);
  },
);

function hasNibabel(): boolean {
  try {
    execFileSync('/usr/bin/python3', ['-c', 'import nibabel'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
