/** Teachers at their released sizes, as files with the official names: brought in, put to the test and prompted through the real services. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keyMask } from '../../src/main/networks/dinov3/names';
import { dinov3Parameters, dinov3Sizes } from '../../src/main/networks/dinov3/parameters';
import { officialSams, samParameters } from '../../src/main/networks/sam/spec';
import { type PointMm, toMm } from '../../src/shared/geometry';
import type { Teacher } from '../../src/shared/teachers';
import { writeOfficialFile } from '../checkpoints/officialFile';
import { temporaryFolder } from '../folders';
import { importTeachers } from '../services/importTeachers';
import { ctVoxels, startBench, type TestBench, write } from '../services/workbench';

const official = (name: string, entries: Parameters<typeof writeOfficialFile>[1]) =>
  writeOfficialFile(join(temporaryFolder(), name), entries);

function dinov3File(size: 'ViT-S/16' | 'ViT-B/16'): string {
  const spec = dinov3Sizes[size];
  const masks = Array.from({ length: spec.depth }, (_, block) => {
    const { dims, data } = keyMask(3 * spec.width);
    return { name: `blocks.${block}.attn.qkv.bias_mask`, dims, data: Float32Array.from(data as Float32Array) };
  });
  const periods = { name: 'rope_embed.periods', dims: [16], data: Float32Array.from({ length: 16 }, (_, n) => 100 ** ((2 * n) / 32)) };
  const entries = [...dinov3Parameters(spec), ...masks, periods];
  expect(entries).toHaveLength(188);
  return official(`dinov3_${size === 'ViT-S/16' ? 'vits16' : 'vitb16'}.pth`, entries);
}

async function imported(bench: TestBench, path: string): Promise<Teacher> {
  const began = performance.now();
  const report = await importTeachers(bench, [path]);
  rmSync(path);
  expect(report.refused).toEqual([]);
  const { teacher: id, notes } = report.imported[0];
  expect(notes).toEqual([]);
  const teacher = (await bench.ask('teachers.list', {})).find((one) => one.id === id)!;
  const total = (performance.now() - began) / 1000;
  console.log(
    `${teacher.name}: ${teacher.parameters} parameters, imported and checked in ${total.toFixed(1)} s, one image ${teacher.checks[0].seconds.toFixed(1)} s`,
  );
  return teacher;
}

test.each([
  ['sam_vit_h_4b8939.pth', 'SAM ViT-H', 641_090_608],
  ['sam_vit_b_01ec64.pth', 'SAM ViT-B', 93_735_472],
  ['sam_med3d_turbo.pth', 'SAM-Med3D', 100_509_232],
] as const)('%s comes in, answers the fixed image and counts as it should', async (name, size, parameters) => {
  const bench = await startBench();
  const teacher = await imported(bench, official(name, samParameters(officialSams[size])));
  expect(teacher).toMatchObject({
    parameters,
    variant: size === 'SAM-Med3D' ? 'ViT-B' : size.replace('SAM ', ''),
    checks: [{ agrees: true }],
  });
});

test.each([
  ['ViT-S/16', 21_601_152],
  ['ViT-B/16', 85_669_632],
] as const)('DINOv3 %s comes in, answers the fixed image and counts as it should', async (size, parameters) => {
  const teacher = await imported(await startBench(), dinov3File(size));
  expect(teacher).toMatchObject({ family: 'dinov3', parameters, variant: size, checks: [{ agrees: true }] });
});

test.each([
  ['sam_vit_b_01ec64.pth', 'SAM ViT-B'],
  ['sam_med3d_turbo.pth', 'SAM-Med3D'],
] as const)('%s is prompted at its full size: the image is read once, and a further click costs only its decoding', async (name, size) => {
  const bench = await startBench();
  const { id: teacher } = await imported(bench, official(name, samParameters(officialSams[size])));
  await bench.ask('teachers.accept', { teacher });
  const grid = { size: [40, 36, 30], affine: [4, 0, 0, -80, 0, 4, 0, -70, 0, 0, 5, -60, 0, 0, 0, 1] } as const;
  const image = join(temporaryFolder(), 'thorax.nii');
  await write(image, ctVoxels(grid), grid);
  await bench.imports(image);
  await bench.ask('structures.add', { name: 'organ' });
  const [one] = await bench.ask('cases.list', {});
  const click = async (place: PointMm) =>
    bench.ask('prompts.preview', {
      ...{ teacher, case: one.id, structure: 1 },
      prompt: {
        points: [
          { mm: [...toMm(one.grid, [20, 18, 15])], positive: true },
          { mm: [...place], positive: false },
        ],
      },
      plane: size === 'SAM ViT-B' ? { axis: 2, index: 15 } : null,
    });
  const first = await click(toMm(one.grid, [10, 10, 15]));
  const second = await click(toMm(one.grid, [30, 30, 15]));
  console.log(`${size}: first click ${first.seconds.toFixed(2)} s, second ${second.seconds.toFixed(3)} s`);
  expect([first.embedding, second.embedding]).toEqual(['made', 'found']);
  expect(Number.isFinite(first.confidence + second.confidence)).toBe(true);
  expect(second.seconds).toBeLessThan(first.seconds / 4);
  const { revision, state } = await bench.ask('prompts.accept', { preview: second.id });
  expect([revision, state]).toEqual([1, 'draft']);
});
