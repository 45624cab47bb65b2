/** Answers prompts with a teacher that stays loaded: the first on an image makes its embedding, further ones only decode. */
import { readFile, writeFile } from 'node:fs/promises';
import type { FileHash } from '../../../shared/domain';
import { fail } from '../../../shared/errors';
import type { Tensor } from '../../engine/tensor';
import { storeBytes } from '../../files/durable';
import { maskOf } from '../../imaging/maskBox';
import { readStored } from '../../methods/training/prepare';
import type { JobCode, Spec, StoredPrompt } from '../protocol';
import { embeddingKey, embeddingsIn } from '../teachers/embeddings';
import { decodedLength, openPromptable, type PixelPrompt, type Promptable } from '../teachers/promptable';
import { type View, viewOf } from '../teachers/view';

export const prompt: JobCode<'prompt'> = async (spec) => {
  const began = performance.now();
  const promptable = await loaded(spec);
  const view = viewOf(spec.image.grid, spec.view, promptable.spec, {
    name: spec.teacher.name,
    unit: spec.image.unit === 'HU' ? 'HU' : 'other',
  });
  const asked = await Promise.all(spec.prompts.map((one) => inPixels(one, view, promptable, spec.teacher.name)));
  const { embedding, how } = await embeddingOf(spec, view, promptable);
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

/** The teacher that was prompted last. Another one takes its place. */
let current: { hash: FileHash; promptable: Promptable } | null = null;

async function loaded({ teacher: { weights, hash, name }, threads }: Spec<'prompt'>): Promise<Promptable> {
  if (current?.hash === hash) return current.promptable;
  const old = current;
  current = null;
  await old?.promptable.release();
  current = { hash, promptable: await openPromptable(weights, name, { device: 'cpu', threads }) };
  return current.promptable;
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
): Promise<{ embedding: Tensor; how: 'made' | 'found' }> {
  const kept = embeddingsIn(embeddings.folder, embeddings.bytes);
  const key = embeddingKey({ form: 1, teacher: teacher.hash, voxels: image.hash, grid: image.grid, view: view.key });
  const found = await kept.find(key);
  if (found) return { embedding: found, how: 'found' };
  const embedding = await promptable.embed(view.image(await readStored(image)));
  await kept.keep(key, embedding);
  return { embedding, how: 'made' };
}
