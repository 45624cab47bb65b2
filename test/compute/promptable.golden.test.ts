/** Masks of prompted teachers with the reference's small weights, as the reference gives them. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { openPromptable, type PixelPrompt } from '../../src/main/compute/teachers/promptable';
import { sizeOf } from '../../src/main/engine/tensor';
import { relativeDifference } from '../golden';
import { here, plane, type TinySam, volume, weightsFile } from './tinySams';

async function open(teacher: TinySam) {
  const promptable = await openPromptable(weightsFile(teacher), 'the teacher', here);
  onTestFinished(() => promptable.release());
  return promptable;
}

describe('masks are those of the reference', () => {
  /** Row `at` of a batch of prompts in the file. */
  function promptOf({ get }: TinySam, names: { points?: string; labels?: string; boxes?: string; mask?: string }, at: number): PixelPrompt {
    const rows = (name: string, length: number) => Array.from(get(`in.${name}`).data.slice(at * length, (at + 1) * length), Number);
    const [, count = 0, axes = 0] = names.points ? get(`in.${names.points}`).dims : [];
    const flat = names.points ? rows(names.points, count * axes) : [];
    const labels = names.labels ? rows(names.labels, count) : [];
    const mask = names.mask ? get(`in.${names.mask}`) : null;
    const length = mask ? sizeOf(mask.dims.slice(1)) : 0;
    return {
      points: labels.map((label, n) => ({ label, place: flat.slice(n * axes, (n + 1) * axes) })),
      box: names.boxes ? rows(names.boxes, 4) : null,
      mask: mask && (mask.data.slice(at * length, (at + 1) * length) as Float32Array),
    };
  }
  const points = { points: 'points', labels: 'labels' };

  test.each([
    ['two prompts of points on one slice', plane, points, 'points', 0, 2],
    ['two boxes on one slice', plane, { boxes: 'boxes' }, 'boxes', 0, 2],
    ['points in boxes', plane, { ...points, boxes: 'boxes' }, 'points_boxes', 1, 2],
    ['points that refine a mask', plane, { ...points, mask: 'mask' }, 'points_1', 1, 1],
    ['points that refine a mask in a volume', volume, { ...points, mask: 'mask' }, 'points_mask', 0, 1],
    [
      'two prompts that refine masks of one volume',
      volume,
      { points: 'points_b2', labels: 'labels_b2', mask: 'mask_b2' },
      'points_b2_emb1',
      0,
      2,
    ],
  ] as const)('%s', async (_what, teacher, names, run, image, count) => {
    const promptable = await open(teacher);
    const length = sizeOf(teacher.get('in.image').dims.slice(1));
    const embedding = await promptable.embed(teacher.get('in.image').data.slice(image * length, (image + 1) * length) as Float32Array);
    const prompts = Array.from({ length: count }, (_, at) => promptOf(teacher, names, at));
    const answers = await promptable.decode(embedding, prompts);
    const [logits, quality] = ['low_res_logits', 'iou'].map((of) => teacher.get(`out.${run}.${of}.multi0`).data);
    expect(
      relativeDifference(
        answers.flatMap((answer) => [...answer.logits]),
        logits,
      ),
    ).toBeLessThan(2e-5);
    expect(
      relativeDifference(
        answers.map((answer) => answer.quality),
        quality,
      ),
    ).toBeLessThan(2e-5);
  });

  test('prompts of several shapes on one image come back in the order they were asked', async () => {
    const promptable = await open(plane);
    const embedding = await promptable.embed(plane.get('in.image').data.slice(0, sizeOf(plane.get('in.image').dims) / 2) as Float32Array);
    const prompts = [promptOf(plane, { boxes: 'boxes' }, 0), promptOf(plane, points, 0), promptOf(plane, { boxes: 'boxes' }, 1)];
    const answers = await promptable.decode(embedding, prompts);
    const [boxes, clicks] = ['boxes', 'points'].map((run) => plane.get(`out.${run}.iou.multi0`).data);
    expect(
      relativeDifference(
        answers.map(({ quality }) => quality),
        [boxes[0], clicks[0], boxes[1]].map(Number),
      ),
    ).toBeLessThan(2e-5);
  });
});
