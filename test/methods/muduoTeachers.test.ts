/** The laws that MuDuo's teachers keep: axes, clicks, and the masks they are shown. */
import { describe, expect, test } from 'vitest';
import { constant } from '../../src/main/engine/graph';
import { encodeModel, type Model } from '../../src/main/engine/onnx';
import { Session } from '../../src/main/engine/session';
import { sizeOf, type Tensor, tensor } from '../../src/main/engine/tensor';
import type { Rules } from '../../src/main/methods/muduo/rules';
import { clickedDecoderModel, maskedDecoderModel, maskPrompt, teacherEncoderModel } from '../../src/main/methods/muduo/teachers';
import { gridOf } from '../../src/main/networks/sam/spec';
import { evaluate } from '../engine/reference';
import { relativeDifference } from '../golden';
import { asIntended as intended } from './muduoSessions';
import { likely, noise, side, spec, teacherWeights, volume } from './muduoTeachers';

const cpu = { device: 'cpu', threads: 1 } as const;

describe('a teacher', () => {
  const weights = teacherWeights(12);
  const structures = 2;
  async function run(model: Model, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
    const session = await Session.create(encodeModel(model), cpu);
    const results = await session.run(feeds);
    await session.release();
    return results;
  }
  /** First and last axis exchanged. */
  const turned = ({ dims, data }: Tensor): Tensor<Float32Array> => {
    const maps = sizeOf(dims.slice(0, 2));
    return tensor(
      dims,
      Array.from({ length: maps * side ** 3 }, (_, at) => {
        const [map, k, j, i] = [Math.floor(at / side ** 3), Math.floor(at / side ** 2) % side, Math.floor(at / side) % side, at % side];
        return Number(data[((map * side + i) * side + j) * side + k]);
      }),
    );
  };
  const image = noise(13, 1, 1, ...volume);
  const clicks = { dims: [structures, 3], data: Int32Array.of(1, 1, 1, 1, 0, -1) };
  const places = tensor([structures, 3, 3], [1, 2, 30, 20, 5, 6, 7, 28, 9, 10, 11, 12, 13, 14, 3, 0, 17, 0]);
  const backwards = tensor(
    places.dims,
    Array.from({ length: 18 }, (_, at) => places.data[at - (at % 3) + 2 - (at % 3)]),
  );
  const embed = async (seen: Tensor, choices: Rules) => (await run(teacherEncoderModel(spec, weights, choices), { image: seen })).embedding;
  const click = async (embedding: Tensor, where: Tensor, choices: Rules) =>
    (await run(clickedDecoderModel(spec, weights, structures, choices), { embedding, places: where, labels: clicks })).probabilities;
  const show = async (embedding: Tensor, mask: Tensor, choices: Rules) =>
    (await run(maskedDecoderModel(spec, weights, structures, choices), { embedding, mask })).probabilities;

  test('sees the axes it was trained on, and answers in ours', async () => {
    const stored: Rules = { ...intended, teacherAxes: 'asStored' };
    const [ours, theirs] = [await embed(image, intended), await embed(turned(image), stored)];
    expect(relativeDifference(ours.data, theirs.data)).toBeLessThan(1e-6);
    const clicked = turned(await click(theirs, backwards, stored));
    expect(relativeDifference((await click(ours, places, intended)).data, clicked.data)).toBeLessThan(1e-6);
    const mask = likely(14, structures, 1, ...volume);
    const shown = turned(await show(theirs, turned(mask), stored));
    expect(relativeDifference((await show(ours, mask, intended)).data, shown.data)).toBeLessThan(1e-6);
  });
  test('is clicked in turn with what came before, which for one click is the same as at once', async () => {
    const embedding = await embed(image, intended);
    const inTurn: Rules = { ...intended, clicking: 'inTurn' };
    const [once, turn] = [await click(embedding, places, intended), await click(embedding, places, inTurn)];
    expect(relativeDifference(turn.data, once.data)).toBeGreaterThan(1e-4);
    const single = async (choices: Rules) => {
      const model = clickedDecoderModel(spec, weights, structures, { ...choices, clicks: 1 });
      const first = {
        places: tensor([structures, 1, 3], [1, 2, 30, 10, 11, 12]),
        labels: { dims: [structures, 1], data: Int32Array.of(1, 1) },
      };
      return (await run(model, { embedding, ...first })).probabilities;
    };
    expect(relativeDifference((await single(inTurn)).data, (await single(intended)).data)).toBe(0);
  });
  test('answers otherwise with an empty mask beside its clicks than with none', async () => {
    const embedding = await embed(image, intended);
    const bare = await click(embedding, places, { ...intended, besideClicks: 'nothing' });
    expect(relativeDifference(bare.data, (await click(embedding, places, intended)).data)).toBeGreaterThan(1e-4);
  });
  test('is shown every so-manieth voxel of a mask, as probabilities or as logits', () => {
    const mask = likely(15, structures, 1, ...volume);
    mask.data[0] = 1;
    const [small, step] = [4 * gridOf(spec), side / (4 * gridOf(spec))];
    const picked = Array.from({ length: structures * small ** 3 }, (_, at) => {
      const [n, k, j, i] = [Math.floor(at / small ** 3), Math.floor(at / small ** 2) % small, Math.floor(at / small) % small, at % small];
      return mask.data[((n * side + k * step) * side + j * step) * side + i * step];
    });
    const came = (form: Rules['maskPrompt']) => evaluate([maskPrompt(spec, constant(mask), form)], new Map())[0];
    expect(came('probabilities').dims).toEqual([structures, 1, small, small, small]);
    expect(relativeDifference(came('probabilities').data, picked)).toBe(0);
    const bounded = picked.map((p) => Math.min(p, 1 - 1e-4));
    const logits = bounded.map((p) => Math.log(p / (1 - p)));
    expect(relativeDifference(came('logits').data, logits)).toBeLessThan(1e-4);
  });
  test('of another size than the crop is refused in words', async () => {
    const other = { ...spec, imageSide: spec.imageSide + spec.patch };
    expect(() => teacherEncoderModel(other, weights, intended)).toThrow('pos_embed has shape');
  });
});
