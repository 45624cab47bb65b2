/** Prompted teachers with the reference's small weights: images looked at once, and masks on the case's grid. */
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { PromptView, StoredPrompt } from '../../src/main/compute/jobData';
import { prompt } from '../../src/main/compute/jobs/prompt';
import type { JobContext, Result, Spec } from '../../src/main/compute/protocol';
import { embeddingKey } from '../../src/main/compute/teachers/embeddings';
import { encodeModel } from '../../src/main/engine/onnx';
import { Session } from '../../src/main/engine/session';
import type { Tensor } from '../../src/main/engine/tensor';
import { addressOf, hashFile, storeBytes } from '../../src/main/files/durable';
import { pasteAnswer, teacherGrid, teacherImage } from '../../src/main/imaging/teacherCrop';
import { pasteSlice, pointInFrame, samInput, sliceAnswer, sliceFrame, slicePicture } from '../../src/main/imaging/teacherSlice';
import { samDecoderModel, samEncoderModel } from '../../src/main/networks/sam/inference';
import { gridOf } from '../../src/main/networks/sam/spec';
import { type Grid, type PointMm, toIndex, toMm, voxelCount } from '../../src/shared/geometry';
import type { VoxelBox } from '../../src/shared/prompts';
import { random } from '../../src/shared/random';
import { huWindows } from '../../src/shared/teachers';
import { bytesOf } from '../../src/shared/volume';
import { temporaryFolder } from '../folders';
import { here, plane, type TinySam, volume, weightsFile } from './tinySams';

const grid: Grid = { size: [34, 30, 26], affine: [2, 0, 0, -30, 0, 2, 0, 10, 0, 0, 3, -40, 0, 0, 0, 1] };
const stream = random(3);
const voxels = Int16Array.from({ length: voxelCount(grid) }, () => Math.round(stream.uniform(-200, 300)));

/** A case and a teacher on disk, and a way to prompt one with the other. */
async function bench(teacher: TinySam, budget = 1e9) {
  const folder = temporaryFolder();
  const weights = weightsFile(teacher);
  const stored = await storeBytes(folder, bytesOf(voxels));
  const image = { path: addressOf(folder, stored.hash), dtype: 'int16', grid, hash: stored.hash, unit: 'HU' } as const;
  const spec = { name: 'the teacher', weights, hash: await hashFile(weights) };
  let count = 0;
  const stages: string[] = [];
  const context: JobContext<'prompt'> = { report: ({ stage }) => stages.push(stage), stopped: false, breathe: async () => undefined };
  const keptAt = (n: number) => join(folder, `${n}.logits`);
  const ask = (view: PromptView, prompts: Omit<StoredPrompt, 'keepAt'>[], changes: Partial<Spec<'prompt'>> = {}) =>
    prompt(
      {
        teacher: spec,
        image,
        view,
        prompts: prompts.map((one) => ({ ...one, keepAt: keptAt(count++) })),
        embeddings: { folder: join(folder, 'embeddings'), bytes: budget },
        graphs: { folder: join(folder, 'graphs'), bytes: 1e9 },
        masks: folder,
        threads: 1,
        loadedBytes: 1e9,
        ...changes,
      },
      context,
    );
  const maskOf = ({ box, file }: Result<'prompt'>['masks'][number]) =>
    spread(box, file ? readFileSync(addressOf(folder, file.hash)) : new Uint8Array());
  return { ask, maskOf, keptAt, stages, embeddings: join(folder, 'embeddings'), graphs: join(folder, 'graphs') };
}
/** A mask in its box as a mask of the whole case. */
function spread({ origin, size }: VoxelBox, mask: Uint8Array): Uint8Array {
  const whole = new Uint8Array(voxelCount(grid));
  for (const [n, value] of mask.entries()) {
    const [i, j, k] = [n % size[0], Math.floor(n / size[0]) % size[1], Math.floor(n / size[0] / size[1])];
    whole[origin[0] + i + grid.size[0] * (origin[1] + j + grid.size[1] * (origin[2] + k))] = value;
  }
  return whole;
}

const slice: PromptView = {
  kind: 'slice',
  plane: { axis: 1, index: 12 },
  window: { low: -160, high: 240 },
  colours: 'imagenet',
  fit: 'inside',
};
const at = (i: number, j: number, k: number): PointMm => toMm(grid, [i, j, k]);
const click = (mm: PointMm, positive = true): Omit<StoredPrompt, 'keepAt'> => ({ points: [{ mm, positive }], box: null, refines: null });
const crop: PromptView = { kind: 'volume', huWindow: huWindows.samMed3d, centre: at(15, 14, 13), spacingMm: 1.5 };

async function run(model: Parameters<typeof encodeModel>[0], feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  const session = await Session.create(encodeModel(model), here);
  const results = await session.run(feeds);
  await session.release();
  return results;
}
const outline = (logits: Float32Array) => Uint8Array.from(logits, (x) => (x > 0 ? 1 : 0));

describe('a mask lies on the grid of its case', () => {
  test('where a volume’s crop was cut, step by step as by hand', async () => {
    const { spec, weights } = volume;
    const { ask, maskOf } = await bench(volume);
    const came = await ask(crop, [click(at(15, 14, 13)), click(at(20, 10, 8))]);

    const seen = { spacingMm: 1.5, side: spec.imageSide, huWindow: huWindows.samMed3d };
    const lattice = teacherGrid(grid, at(15, 14, 13), seen);
    const input = teacherImage({ grid, voxels }, lattice, seen, 'HU');
    const sides = [spec.imageSide, spec.imageSide, spec.imageSide];
    const { embedding } = await run(samEncoderModel(spec, weights), { image: { dims: [1, 1, ...sides], data: input } });
    const places = [at(15, 14, 13), at(20, 10, 8)].flatMap((mm) => [...toIndex(lattice, mm)]);
    const low = 4 * gridOf(spec);
    const { logits, quality } = await run(
      samDecoderModel(spec, weights, { batch: 2, points: 1, mask: true, choice: 'single', size: 'image' }),
      {
        embedding,
        points: { dims: [2, 1, 3], data: Float32Array.from(places) },
        labels: { dims: [2, 1], data: Int32Array.of(1, 1) },
        mask: { dims: [2, 1, low, low, low], data: new Float32Array(2 * low ** 3) },
      },
    );
    for (const [n, mask] of came.masks.entries()) {
      const whole = { grid, voxels: new Float32Array(voxelCount(grid)).fill(-1) };
      const length = spec.imageSide ** 3;
      pasteAnswer((logits.data as Float32Array).slice(n * length, (n + 1) * length), lattice, whole);
      expect(differing(maskOf(mask), outline(whole.voxels))).toBeLessThan(3); // rounding at the very edge
      expect(mask.confidence).toBeCloseTo(Number(quality.data[n]), 4);
    }
    expect(came.masks.some(({ voxels: inside }) => inside > 0)).toBe(true);
  });

  test('on its slice and on no other, the best of three for a single click', async () => {
    const { spec, weights } = plane;
    const { ask, maskOf } = await bench(plane);
    const came = await ask(slice, [click(at(9, 12, 20))]);

    const where = { axis: 1, index: 12 } as const;
    const frame = sliceFrame(grid, 1, spec.imageSide);
    const input = samInput([slicePicture({ grid, voxels }, where, { low: -160, high: 240 })], frame);
    const side = spec.imageSide;
    const { embedding } = await run(samEncoderModel(spec, weights), { image: { dims: [1, 3, side, side], data: input } });
    const { logits, quality } = await run(samDecoderModel(spec, weights, { points: 1, choice: 'multiple', size: 'decoded' }), {
      embedding,
      points: { dims: [1, 1, 2], data: Float32Array.from(pointInFrame(grid, where, frame, at(9, 12, 20))) },
      labels: { dims: [1, 1], data: Int32Array.of(1) },
    });
    const guesses = Array.from(quality.data, Number);
    const best = guesses.indexOf(Math.max(...guesses));
    const length = logits.data.length / guesses.length;
    const whole = { grid, voxels: new Float32Array(voxelCount(grid)).fill(-1) };
    pasteSlice(sliceAnswer((logits.data as Float32Array).slice(best * length, (best + 1) * length), frame), where, whole);
    expect(differing(maskOf(came.masks[0]), outline(whole.voxels))).toBeLessThan(3);
    expect(came.masks[0].confidence).toBeCloseTo(guesses[best], 4);
    expect(came.masks[0].voxels).toBeGreaterThan(0);
    expect(came.seen).toEqual({ origin: [0, 12, 0], size: [34, 1, 26] });
  });
});
const differing = (a: Uint8Array, b: Uint8Array) => a.reduce((sum, value, n) => sum + (value === b[n] ? 0 : 1), 0);

describe('an image is looked at once', () => {
  test('while the prompts on it change, and again for another slice, window or treatment', async () => {
    const { ask } = await bench(plane);
    const how = async (view: PromptView, ...prompts: Omit<StoredPrompt, 'keepAt'>[]) => (await ask(view, prompts)).embedding;
    expect(await how(slice, click(at(9, 12, 20)))).toBe('made');
    expect(await how(slice, click(at(9, 12, 20)), click(at(3, 12, 4), false))).toBe('found');
    expect(await how(slice, { points: [], box: { from: at(3, 12, 3), to: at(12, 12, 14) }, refines: null })).toBe('found');
    expect(await how({ ...slice, plane: { axis: 1, index: 13 } }, click(at(9, 13, 20)))).toBe('made');
    expect(await how({ ...slice, window: { low: -100, high: 100 } }, click(at(9, 12, 20)))).toBe('made');
    expect(await how({ ...slice, colours: 'unit', fit: 'stretched' }, click(at(9, 12, 20)))).toBe('made');
    expect(await how(slice, click(at(9, 12, 20)))).toBe('found');
  });

  test('and gives the same mask whether it was made or found', async () => {
    const { ask, maskOf } = await bench(volume);
    const [made, found] = [await ask(crop, [click(at(15, 14, 13))]), await ask(crop, [click(at(15, 14, 13))])];
    expect([made.embedding, found.embedding]).toEqual(['made', 'found']);
    expect(maskOf(found.masks[0])).toEqual(maskOf(made.masks[0]));
  });

  test('and is looked at again where what was kept is damaged', async () => {
    const { ask, embeddings } = await bench(plane);
    await ask(slice, [click(at(9, 12, 20))]);
    for (const name of readdirSync(embeddings)) truncateSync(join(embeddings, name), 100);
    expect((await ask(slice, [click(at(9, 12, 20))])).embedding).toBe('made');
    expect((await ask(slice, [click(at(9, 12, 20))])).embedding).toBe('found');
  });
});

/** The same teacher but for one number, so that nobody has loaded it before. */
const another = (teacher: TinySam, name: string, value: number): TinySam => ({
  ...teacher,
  weights: new Map(
    [...teacher.weights].map(([key, weight]) => [
      key,
      key === name ? { ...weight, data: (weight.data as Float32Array).map(() => value) } : weight,
    ]),
  ),
});

test('a prompt says what its teacher does: getting ready, reading a new image, drawing', async () => {
  const { ask, stages } = await bench(another(plane, 'image_encoder.neck.3.bias', 0.125));
  await ask(slice, [click(at(9, 12, 20))]);
  await ask(slice, [click(at(3, 12, 4))]);
  await ask({ ...slice, plane: { axis: 1, index: 13 } }, [click(at(3, 13, 4))]);
  const all = ['preparing', 'preparing', 'reading', 'outlining'];
  expect(stages).toEqual([...all, 'outlining', 'reading', 'outlining']); // ready for slices that come later
});

describe('a mask can be refined', () => {
  test('by what it was before it was cut, and then comes out differently', async () => {
    const { ask, keptAt } = await bench(volume);
    const first = await ask(crop, [click(at(15, 14, 13))]);
    const refined = await ask(crop, [{ ...click(at(15, 14, 13)), refines: keptAt(0) }]);
    expect(refined.embedding).toBe('found');
    expect(refined.masks[0].confidence).not.toBe(first.masks[0].confidence);
  });

  test('only where it still is, and by a teacher of the same kind', async () => {
    const { ask, keptAt } = await bench(plane);
    await ask(slice, [click(at(9, 12, 20))]);
    await expect(ask(slice, [{ ...click(at(9, 12, 20)), refines: keptAt(7) }])).rejects.toMatchObject({ code: 'PREVIEW_GONE' });
    writeFileSync(keptAt(0), new Uint8Array(8));
    await expect(ask(slice, [{ ...click(at(9, 12, 20)), refines: keptAt(0) }])).rejects.toMatchObject({ code: 'PREVIEW_ELSEWHERE' });
  });
});

describe('is refused in a sentence', () => {
  test.each<[string, TinySam, PromptView, Omit<StoredPrompt, 'keepAt'>, string, string]>([
    ['a point outside the image', volume, crop, click(at(15, 14, 40)), 'PROMPT_OUTSIDE', '(0, 38, 80) mm lies outside the image'],
    ['a place outside the image', volume, { ...crop, centre: at(-9, 0, 0) }, click(at(3, 3, 3)), 'PROMPT_OUTSIDE', 'outside the image'],
    [
      'a point the crop does not reach',
      volume,
      { ...crop, spacingMm: 0.4 },
      click(at(33, 29, 25)),
      'PROMPT_OUTSIDE',
      '26 mm around the first point',
    ],
    ['a point on another slice', plane, slice, click(at(9, 13, 20)), 'PROMPT_OUTSIDE', 'outside slice 12 along j'],
    [
      'a box in a volume',
      volume,
      crop,
      { points: [], box: { from: at(1, 1, 1), to: at(9, 9, 9) }, refines: null },
      'PROMPT_NO_BOX',
      'never taught boxes',
    ],
    ['a slice for a teacher of volumes', volume, slice, click(at(9, 12, 20)), 'PROMPT_PLANE', 'looks at volumes'],
  ])('%s', async (_what, teacher, view, asked, code, words) => {
    const { ask, embeddings } = await bench(teacher);
    await expect(ask(view, [asked])).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
    expect(() => readdirSync(embeddings)).toThrow('ENOENT'); // nothing was looked at for it
  });

  test('weights that are not there', async () => {
    const { ask } = await bench(plane);
    const gone = { weights: join(temporaryFolder(), 'gone.safetensors'), hash: embeddingKey('gone') as never, name: 'the teacher' };
    await expect(ask(slice, [click(at(9, 12, 20))], { teacher: gone })).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });
});
