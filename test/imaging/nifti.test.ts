/** Reading NIfTI: every type, both versions and byte orders; every kind of broken file is one clear sentence. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readNifti } from '../../src/main/imaging/niftiRead';
import { niftiHeader, writeNifti } from '../../src/main/imaging/niftiWrite';
import type { Code } from '../../src/shared/errors';
import type { Grid } from '../../src/shared/geometry';
import { sharedFolder } from '../folders';
import { goldenFolder } from '../golden';
import { niftiBytes, put, type Recipe } from './files';
import { difference, golden, voxelsOf } from './golden';

const folder = sharedFolder();
const read = (recipe: Recipe, name = 'a.nii', role: 'image' | 'label' = 'image') => readNifti(put(folder, name, niftiBytes(recipe)), role);
const ramp = Array.from({ length: 60 }, (_, n) => n);

describe('against nibabel', () => {
  const { tensors } = golden('resample/nifti.safetensors');
  test.each([
    ['int16_sform', 'int16_slope.nii.gz'],
    ['float32_qform_only', 'float32_qform_only.nii'],
    ['uint8_label', 'uint8_label.nii.gz'],
    ['float64_4d', 'float64_4d.nii'],
    ['int16_big_endian', 'int16_big_endian.nii.gz'],
    ['uint16_no_form', 'uint16_no_form.nii'],
  ])('%s has the same values and place', async (name, file) => {
    const { frames, grid } = await readNifti(join(goldenFolder, 'resample/nifti', file), 'image');
    const expected = tensors.get(`out.${name}.data`)!;
    const [ni, nj, nk, count = 1] = expected.shape;
    for (let frame = 0; frame < count; frame++) {
      const data = expected.data.filter((_, n) => n % count === frame);
      expect(difference(frames[frame].voxels, voxelsOf({ shape: [ni, nj, nk], data }))).toBeLessThan(1e-6);
    }
    expect(frames).toHaveLength(count);
    expect(difference(grid.affine, tensors.get(`out.${name}.affine`)!.data)).toBeLessThan(1e-5);
  });
});

describe('real files', () => {
  const formats = join(process.env.UNDERSTUDY_DATA ?? join(import.meta.dirname, '../../../shared/data'), 'formats');
  const isThere = existsSync(formats);
  const what = isThere ? 'are read' : `are read: skipped, ${formats} is not here (set UNDERSTUDY_DATA)`;
  test.skipIf(!isThere)(what, async () => {
    const open = async (name: string) => {
      const { grid, frames, form, warnings } = await readNifti(join(formats, name), 'image');
      return [...grid.size, frames.length, form, ...warnings];
    };
    expect(await open('anatomical.nii')).toEqual([33, 41, 25, 1, 'sform']);
    expect(await open('example4d.nii.gz')).toEqual([128, 96, 24, 2, 'sform']);
    expect(await open('example_nifti2.nii.gz')).toEqual([32, 20, 12, 2, 'sform']);
    await expect(open('mha.mha')).rejects.toThrow('mha.mha cannot be read: it is not a NIfTI file');
  });
});

describe('every voxel type', () => {
  const each = [2, 4, 8, 16, 64, 256, 512, 768, 1024, 1280].flatMap((datatype) =>
    ([1, 2] as const).flatMap((version) => [true, false].map((little) => ({ datatype, version, little }))),
  );
  test.each(each)('type $datatype in NIfTI-$version, little-endian $little', async (recipe) => {
    const { frames, grid } = await read(recipe, `t${recipe.datatype}.nii.gz`);
    expect([...frames[0].voxels]).toEqual(ramp);
    expect(grid).toEqual({ size: [3, 4, 5], affine: [2, 0, 0, -10, 0, 3, 0, -20, 0, 0, 4, -30, 0, 0, 0, 1] });
  });

  test.each([
    ['uint8', 64, [0, 255]],
    ['int16', 16, [-1024, 3071]],
    ['uint16', 8, [0, 65_535]],
    ['float32', 8, [-1, 65_535]],
    ['float32', 16, [0.5, 2]],
  ])('whole values are kept as %s', async (type, datatype, values) => {
    const { frames } = await read({ datatype, dim: [3, 2, 1, 1], values });
    expect(frames[0]).toEqual({ voxels: expect.anything(), warnings: [] });
    expect(frames[0].voxels.constructor.name.toLowerCase()).toBe(`${type}array`);
    expect([...frames[0].voxels]).toEqual(values);
  });

  test('values that float32 rounds are kept with a warning', async () => {
    const { warnings } = await read({ datatype: 64, dim: [3, 2, 1, 1], values: [0.1, 1e9 + 1] });
    expect(warnings).toEqual(['Its float64 values were rounded to float32 (seven digits).']);
  });

  test('slope and intercept are applied, a slope of zero or NaN means none', async () => {
    const values = async (recipe: Recipe) => [...(await read({ dim: [3, 3, 1, 1], values: [1, 2, 3], ...recipe })).frames[0].voxels];
    expect(await values({ slope: 2, inter: -1024 })).toEqual([-1022, -1020, -1018]);
    expect(await values({ slope: 0.5, inter: 0 })).toEqual([0.5, 1, 1.5]);
    expect(await values({ slope: 0, inter: 7 })).toEqual([1, 2, 3]);
    expect(await values({ slope: Number.NaN, inter: 7 })).toEqual([1, 2, 3]);
  });

  test('frames of a 4-D file come one by one, up to eight', async () => {
    const { frames } = await read({ dim: [4, 2, 1, 1, 3], values: [0, 1, 2, 3, 4, 5] }, 'four.nii.gz');
    expect(frames.map(({ voxels }) => [...voxels])).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
    await expect(read({ dim: [4, 2, 1, 1, 9] })).rejects.toThrow('the number of frames should be 1 to 8, but is 9');
  });

  test('a picture of two dimensions is a volume of one slice', async () => {
    expect((await read({ dim: [2, 3, 4], values: ramp.slice(0, 12) })).grid.size).toEqual([3, 4, 1]);
  });
});

describe('placement', () => {
  test('a sheared sform is kept exactly', async () => {
    const srow = [2, 0.5, 0, -10, 0.25, 3, 0, -20, 0, 0.125, 4, -30];
    expect((await read({ srow })).grid.affine).toEqual([...srow, 0, 0, 0, 1]);
  });
  test('a qform that disagrees with the sform is mentioned, one that agrees is not', async () => {
    const agreeing: Recipe = { qform: 1, qoffset: [-10, -20, -30] };
    expect((await read(agreeing)).warnings).toEqual([]);
    expect((await read({ ...agreeing, qoffset: [-10, -20, 30] })).warnings).toEqual([
      'Its sform and qform place it differently; the sform was used (origin -10, -20, -30 mm).',
    ]);
  });
  test('without any form the voxel size alone places it, with a warning', async () => {
    const { grid, form, warnings } = await read({ sform: 0 });
    expect({ form, affine: grid.affine }).toEqual({ form: 'none', affine: [-2, 0, 0, 2, 0, 3, 0, -4.5, 0, 0, 4, -8, 0, 0, 0, 1] });
    expect(warnings).toHaveLength(1);
  });
  test('metres become millimetres', async () => {
    const { grid, warnings } = await read({ units: 1, srow: [0.002, 0, 0, 0, 0, 0.003, 0, 0, 0, 0, 0.004, 0] });
    expect(difference(grid.affine, [2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1])).toBeLessThan(1e-6);
    expect(warnings[0]).toContain('metres');
  });
});

describe('what is refused, in one sentence', () => {
  const bad: [string, Recipe, Code, string][] = [
    ['complex voxels', { datatype: 32, bitpix: 64 }, 'FILE_INVALID', 'complex'],
    ['colours', { datatype: 128, bitpix: 24 }, 'FILE_INVALID', 'RGB'],
    ['an unknown type', { datatype: 77, bitpix: 16 }, 'FILE_INVALID', 'code 77'],
    ['bits that do not fit the type', { bitpix: 8 }, 'FILE_INVALID', 'bitpix should be 16 for int16 voxels, but is 8'],
    ['a header of a pair', { magic: 'ni1' }, 'FILE_UNREADABLE', '.hdr/.img'],
    ['another magic', { magic: 'abc' }, 'FILE_UNREADABLE', 'not a NIfTI'],
    ['no dimensions', { dim: [0, 3, 4, 5], values: ramp }, 'FILE_INVALID', 'dimensions'],
    ['a side of zero', { dim: [3, 0, 4, 5], values: ramp }, 'FILE_INVALID', '0×4×5'],
    ['a negative side', { dim: [3, -3, 4, 5], values: ramp }, 'FILE_INVALID', '-3×4×5'],
    ['five dimensions', { dim: [5, 3, 4, 5, 1, 3], values: ramp }, 'FILE_INVALID', 'split it into volumes'],
    ['a size the file cannot hold', { dim: [3, 1000, 1000, 1000], values: ramp }, 'FILE_UNREADABLE', 'cut off'],
    ['a size no machine can hold', { dim: [3, 32000, 32000, 32000], values: ramp }, 'FILE_INVALID', 'at most 4 GB'],
    ['voxels inside the header', { offset: 100 }, 'FILE_INVALID', 'vox_offset should be a whole number from 352'],
    ['a fractional offset', { offset: 352.5, values: [] }, 'FILE_INVALID', '352.5'],
    ['an intercept that is no number', { slope: 1, inter: Number.NaN }, 'FILE_INVALID', 'scl_inter'],
    ['a flat sform', { srow: [1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0] }, 'FILE_INVALID', 'three independent directions'],
    ['an empty sform', { srow: Array(12).fill(0) }, 'FILE_INVALID', 'voxel size of the sform'],
    ['an infinite sform', { srow: [1, 0, 0, Number.POSITIVE_INFINITY, 0, 1, 0, 0, 0, 0, 1, 0] }, 'FILE_INVALID', 'finite numbers'],
    ['a voxel size of zero', { sform: 0, pixdim: [1, 0, 1, 1] }, 'FILE_INVALID', 'positive along every axis'],
    ['a quaternion longer than one', { sform: 0, qform: 1, quatern: [1, 1, 1] }, 'FILE_INVALID', 'unit quaternion'],
    ['an image of one value', { values: Array(60).fill(7) }, 'FILE_INVALID', '7 everywhere'],
    [
      'NaN and infinity',
      { datatype: 16, values: ramp.map((x) => (x < 3 ? Number.NaN : x === 3 ? Number.POSITIVE_INFINITY : x)) },
      'FILE_INVALID',
      'NaN or infinite in 4 of 60 voxels',
    ],
    ['doubles beyond float32', { datatype: 64, values: ramp.map((x) => x * 1e300) }, 'FILE_INVALID', '3.4e38'],
  ];
  test.each(bad)('%s', async (_name, recipe, code, text) => {
    const error = await read(recipe, 'bäd.nii').catch((e) => e);
    expect(error).toMatchObject({ code });
    expect(error.message).toContain(text);
    expect(error.message).toMatch(/^bäd\.nii[: ].*\.$/s);
  });

  test('labels that are not whole numbers from 0 to 255', async () => {
    const label = (datatype: number, values: number[]) => read({ datatype, dim: [3, 2, 1, 1], values }, 'label.nii', 'label');
    await expect(label(16, [0, 1.5])).rejects.toThrow('every label value should be a whole number from 0 to 255, but is 1.5');
    await expect(label(4, [0, 256])).rejects.toThrow('but is 256');
    await expect(label(4, [-1, 1])).rejects.toThrow('but is -1');
    expect((await label(64, [0, 255])).frames[0].voxels).toEqual(Uint8Array.of(0, 255));
    expect((await label(2, [0, 0])).warnings).toEqual(['The label is empty: no voxel belongs to a structure.']);
  });

  test('files that end early, at any byte', async () => {
    const [plain, packed] = [niftiBytes(), gzipSync(niftiBytes())];
    for (const [name, whole] of [
      ['cut.nii', plain],
      ['cut.nii.gz', packed],
    ] as const) {
      for (let length = 0; length < whole.length; length += 7) {
        const path = join(folder, name);
        writeFileSync(path, whole.subarray(0, length));
        await expect(readNifti(path, 'image'), `${name} of ${length} bytes`).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
      }
    }
  });

  test('a damaged archive', async () => {
    const packed = gzipSync(niftiBytes());
    packed[packed.length - 6] ^= 0xff;
    const path = join(folder, 'crc.nii.gz');
    writeFileSync(path, packed);
    await expect(readNifti(path, 'image')).rejects.toThrow('compressed data is damaged');
  });

  test('a gzip bomb is not unpacked beyond what its header asks for', async () => {
    const bomb = put(folder, 'bomb.nii.gz', Buffer.concat([niftiBytes(), Buffer.alloc(64 << 20)]));
    const { warnings, frames } = await readNifti(bomb, 'image');
    expect(frames[0].voxels).toHaveLength(60);
    expect(warnings).toEqual(['More than 65536 bytes after its voxels were ignored.']);
  });

  test('what follows the voxels is mentioned', async () => {
    const path = put(folder, 'tail.nii', Buffer.concat([niftiBytes(), Buffer.alloc(12)]));
    expect((await readNifti(path, 'image')).warnings).toEqual(['12 bytes after its voxels were ignored.']);
  });

  test('a missing file, a folder, an empty file', async () => {
    await expect(readNifti(join(folder, 'none.nii'), 'image')).rejects.toThrow('none.nii cannot be read: it does not exist.');
    await expect(readNifti(folder, 'image')).rejects.toThrow('it is not a file');
    await expect(readNifti(put(folder, 'empty.nii', Buffer.alloc(0)), 'image')).rejects.toThrow('it is empty');
  });
});

describe('writing', () => {
  const oblique: Grid = { size: [3, 4, 5], affine: [1.8, -0.6, 0.1, -10, 0.6, 2.4, -0.9, 20.5, 0.2, 0.7, 2.7, 3, 0, 0, 0, 1] };
  test.each(['a.nii', 'a.nii.gz'])('%s reads back as it was', async (name) => {
    for (const voxels of [
      Uint8Array.from(ramp),
      Int16Array.from(ramp, (x) => x - 1024),
      Uint16Array.from(ramp, (x) => x * 1000),
      Float32Array.from(ramp, (x) => x / 7),
    ]) {
      const path = join(folder, `written ${name}`);
      await writeNifti(path, { grid: oblique, voxels });
      const { frames, grid, warnings } = await readNifti(path, 'image');
      expect(frames[0].voxels).toEqual(voxels);
      expect(difference(grid.affine, oblique.affine)).toBeLessThan(1e-6);
      expect(warnings).toEqual([]);
    }
  });
  test('right-angled grids get a qform that agrees with the sform, sheared ones get none', () => {
    const codes = (grid: Grid) => {
      const view = new DataView(niftiHeader(grid, 'uint8', { slope: 1, inter: 0 }).buffer);
      return [view.getInt16(252, true), view.getInt16(254, true)];
    };
    expect(codes(oblique)).toEqual([0, 1]);
    expect(codes({ size: [3, 4, 5], affine: [0, -2, 0, 5, 0, 0, -3, 6, 4, 0, 0, 7, 0, 0, 0, 1] })).toEqual([1, 1]);
  });
});
