/** Answers prompts with a teacher that stays loaded: the first on an image makes its embedding, further ones only decode. */
import { readFile, writeFile } from 'node:fs/promises';
import { fail } from '../../../shared/errors';
import type { PromptStage } from '../../../shared/prompts';
import type { Tensor } from '../../engine/tensor';
import { storeBytes } from '../../files/durable';
import { maskOf } from '../../imaging/maskBox';
import { readStored } from '../../methods/training/prepare';
import type { StoredPrompt } from '../jobData';
import { type JobCode, type JobContext, type Spec, Stopped } from '../protocol';
import { embeddingKey, embeddingsIn } from '../teachers/embeddings';
import { graphsIn } from '../teachers/graphs';
import { keptOpen } from '../teachers/keptOpen';
import { decodedLength, openPromptable, type PixelPrompt, type Promptable } from '../teachers/promptable';
import { type View, viewOf } from '../teachers/view';

export const prompt: JobCode<'prompt'> = async (spec, context) => {
  const began = performance.now();
  const promptable = await loaded(spec, context);
  const view = viewOf(spec.image.grid, spec.view, promptable.spec, {
    name: spec.teacher.name,
    unit: spec.image.unit === 'HU' ? 'HU' : 'other',
  });
  const asked = await Promise.all(spec.prompts.map((one) => inPixels(one, view, promptable, spec.teacher.name)));
  const { embedding, how } = await embeddingOf(spec, view, promptable, context);
  await begin('outlining', context);
  const answers = await promptable.decode(embedding, asked);
  const masks = [];
  for (const [at, { logits, quality }] of answers.entries()) {
    await writeFile(spec.prompts[at].keepAt, logits);
    const { box, voxels, count } = maskOf(view.answer(logits), view.seen);
    const file = count > 0 ? await storeBytes(spec.masks, voxels) : null;
    masks.push({ box, file, voxels: count, confidence: quality });
  }
  return { seen: view.seen, embedding: how, seconds: (performance.now() - began) / 1000, masks };
};

type Context = JobContext<'prompt'>;

/** Says what comes next, and hears whether anyone still waits for it. @throws Stopped */
async function begin(stage: PromptStage, context: Context): Promise<void> {
  context.report({ stage });
  await context.breathe();
  if (context.stopped) throw new Stopped();
}

let budget = 0;
/** The teachers prompted last: those for CT and for PET take turns. */
const teachers = keptOpen<Promptable>({
  budget: () => budget,
  sizeOf: ({ bytes }) => bytes,
  close: (promptable) => promptable.release(),
});

function loaded(spec: Spec<'prompt'>, context: Context): Promise<Promptable> {
  const { teacher, threads, graphs, loadedBytes } = spec;
  budget = loadedBytes;
  return teachers.get(`${teacher.hash} ${teacher.weights}`, async () => {
    await begin('preparing', context);
    const kept = graphsIn(graphs.folder, graphs.bytes);
    return openPromptable(teacher.weights, teacher.name, { device: 'cpu', threads }, { kept, weights: teacher.hash });
  });
}

/** @throws PROMPT_OUTSIDE, PROMPT_NO_BOX, PREVIEW_GONE */
async function inPixels({ points, box, refines }: StoredPrompt, view: View, { spec }: Promptable, name: string): Promise<PixelPrompt> {
  if (box && spec.axes === 3) fail('PROMPT_NO_BOX', name);
  const corners = box && [view.place(box.from), view.place(box.to)];
  return {
    points: points.map(({ mm, positive }) => ({ place: view.place(mm), label: positive ? 1 : 0 })),
    box: corners && [...corners[0].map((x, n) => Math.min(x, corners[1][n])), ...corners[0].map((x, n) => Math.max(x, corners[1][n]))],
    mask: refines === null ? null : await readLogits(refines, decodedLength(spec)),
  };
}

async function readLogits(path: string, length: number): Promise<Float32Array> {
  const bytes = await readFile(path).catch(() => fail('PREVIEW_GONE'));
  if (bytes.byteLength !== 4 * length) fail('PREVIEW_ELSEWHERE');
  return new Float32Array(new Uint8Array(bytes).buffer);
}

async function embeddingOf(
  { teacher, image, embeddings }: Spec<'prompt'>,
  view: View,
  promptable: Promptable,
  context: Context,
): Promise<{ embedding: Tensor; how: 'made' | 'found' }> {
  const kept = embeddingsIn(embeddings.folder, embeddings.bytes);
  const key = embeddingKey({ form: 1, teacher: teacher.hash, voxels: image.hash, grid: image.grid, view: view.key });
  const found = await kept.find(key);
  if (found) return { embedding: found, how: 'found' };
  if (!promptable.isReady) {
    await begin('preparing', context);
    await promptable.prepare();
  }
  await begin('reading', context);
  const embedding = await promptable.embed(view.image(await readStored(image)));
  await kept.keep(key, embedding);
  return { embedding, how: 'made' };
}
