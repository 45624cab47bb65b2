/** A frozen SAM as two models, and what stands before and behind it. */
import { expect, test } from 'vitest';
import { constant, type Value } from '../../src/main/engine/graph';
import { buildModel } from '../../src/main/engine/model';
import { encodeModel, type Model } from '../../src/main/engine/onnx';
import { Session } from '../../src/main/engine/session';
import { type Tensor, tensor } from '../../src/main/engine/tensor';
import { samDecoderModel, samEncoderModel } from '../../src/main/networks/sam/inference';
import { enlargeMasks, preparePlane } from '../../src/main/networks/sam/pictures';
import { encodePrompts, gridCode } from '../../src/main/networks/sam/promptEncoder';
import { gridOf, type SamSpec } from '../../src/main/networks/sam/spec';
import { golden, part, relativeDifference } from '../golden';
import { specOf } from './samGolden';

const read = (folder: string) => {
  const io = golden(`${folder}/io`);
  return {
    io,
    spec: specOf(io),
    weights: part(golden(`${folder}/params`), 'param.'),
    get: (name: string) => io.tensors.get(name) as Tensor,
  };
};
const [plane, volume] = [read('sam_tiny'), read('sam_med3d_tiny')];

async function run(model: Model, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  const session = await Session.create(encodeModel(model), { device: 'cpu', threads: 1 });
  const results = await session.run(feeds);
  await session.release();
  return results;
}
const evaluate = async (value: Value): Promise<Tensor> =>
  (await run(buildModel({ name: 'value', inputs: [], outputs: { value }, form: 'cpu' }), {})).value;
const first = ({ dims, data }: Tensor): Tensor => ({ dims: dims.with(0, 1), data: data.slice(0, data.length / dims[0]) });
const whole = ({ dims, data }: Tensor): Tensor => ({ dims, data: Int32Array.from(data, Number) });

test.each([
  ['in the plane', plane],
  ['in a volume', volume],
])('an image is encoded once and prompted many times %s', async (_where, { spec, weights, get }) => {
  const image = get('in.image');
  const { embedding } = await run(samEncoderModel(spec, weights, image.dims[0]), { image });
  expect(relativeDifference(embedding.data, get('out.image_embedding').data)).toBeLessThan(2e-5);

  const points = get('in.points');
  const options = { batch: points.dims[0], points: points.dims[1], choice: 'multiple', size: 'decoded' } as const;
  const decoder = samDecoderModel(spec, weights, options);
  expect(decoder.initializers.some(({ name }) => name.startsWith('image_encoder'))).toBe(false);
  const clicked = await run(decoder, { embedding: first(embedding), points, labels: whole(get('in.labels')) });
  expect(clicked.logits.dims).toEqual(get('out.points.low_res_logits.multi1').dims);
  expect(relativeDifference(clicked.logits.data, get('out.points.low_res_logits.multi1').data)).toBeLessThan(2e-5);
  expect(relativeDifference(clicked.quality.data, get('out.points.iou.multi1').data)).toBeLessThan(2e-5);

  const unprompted = await run(samDecoderModel(spec, weights, { points: 0, choice: 'single', size: 'decoded' }), {
    embedding: first(embedding),
  });
  expect(relativeDifference(unprompted.logits.data, get('out.none.low_res_logits.multi0').data)).toBeLessThan(2e-5);
});

test('masks come at the size of the encoder’s image where that is asked for', async () => {
  const { spec, weights, get } = volume;
  const feeds = { embedding: first(get('out.image_embedding')), points: get('in.points'), labels: whole(get('in.labels')) };
  const [batch, points] = get('in.points').dims;
  const { logits } = await run(samDecoderModel(spec, weights, { batch, points, choice: 'single', size: 'image' }), feeds);
  const side = spec.imageSide;
  expect(logits.dims).toEqual([batch, 1, side, side, side]);
  // The file keeps the first planes, the rows after as many, and the last columns.
  const kept = get('out.points.high_res_logits.crop');
  const n = kept.dims[4];
  const crop = Float32Array.from({ length: n ** 3 }, (_, i) => {
    const [plane, row, column] = [Math.floor(i / n ** 2), n + (Math.floor(i / n) % n), side - n + (i % n)];
    return Number(logits.data[(plane * side + row) * side + column]);
  });
  expect(relativeDifference(crop, kept.data)).toBeLessThan(2e-5);
});

test('an image is normalised before it is filled up, and its masks come back at its own size', async () => {
  const { spec, io, get } = plane;
  const raw = get('in.raw_image');
  const prepared = await evaluate(preparePlane(spec, constant({ ...raw, dims: [1, ...raw.dims] })));
  expect(relativeDifference(prepared.data, get('out.preprocessed').data)).toBeLessThan(1e-6);

  const { input, input_size, original_size } = io.metadata.postprocess as { input: string; input_size: number[]; original_size: number[] };
  const masks = await evaluate(enlargeMasks(spec, constant(get(input)), { shown: input_size, original: original_size }));
  expect(masks.dims).toEqual(get('out.points.postprocessed').dims);
  expect(relativeDifference(masks.data, get('out.points.postprocessed').data)).toBeLessThan(1e-5);
});

const byKey = ({ weights }: { weights: ReadonlyMap<string, Tensor> }) =>
  new Map([...weights].map(([name, weight]) => [name, constant(weight, name)]));

test('boxes in a volume, images and masks of another size, and missing weights are refused in words', () => {
  const { spec, weights } = volume;
  const boxes = constant(tensor([1, 4], [0, 0, 1, 1]));
  expect(() => encodePrompts(spec, byKey(volume), { boxes })).toThrow('boxes are for images in the plane');
  const mask = constant(tensor([1, 1, 2, 2, 2], new Float32Array(8)));
  const side = 4 * gridOf(spec);
  expect(() => encodePrompts(spec, byKey(volume), { mask })).toThrow(
    `the mask prompt is [1, 1, 2, 2, 2], expected [1, 1, ${side}, ${side}, ${side}]`,
  );
  const other: SamSpec = { ...spec, imageSide: spec.imageSide + spec.patch };
  expect(() => samEncoderModel(other, weights)).toThrow('pos_embed has shape');
  const wide = plane.spec.imageSide + 1;
  const large = constant(tensor([1, 3, 4, wide], new Float32Array(12 * wide)));
  expect(() => preparePlane(plane.spec, large)).toThrow(`expected [N, 3, rows, columns] with sides up to ${wide - 1}`);
});

test('places of the image are coded as the released weights know them', async () => {
  for (const { spec, weights, get } of [plane, volume]) {
    const grid = gridOf(spec);
    const parameters = new Map([...weights].map(([name, weight]) => [name, constant(weight, name)]));
    const code = await evaluate(gridCode(spec, parameters));
    const expected = get('out.dense_pe').data;
    const count = grid ** spec.axes;
    const channelsFirst = Float32Array.from({ length: expected.length }, (_, i) =>
      Number(code.data[(i % count) * spec.promptWidth + Math.floor(i / count)]),
    );
    expect(relativeDifference(channelsFirst, expected)).toBeLessThan(2e-6);
  }
});

test('in volumes the code of a point is that of the token with its first two axes exchanged', async () => {
  const { spec } = volume;
  const silent = new Map(byKey(volume));
  for (const name of ['point_embeddings.1.weight', 'not_a_point_embed.weight']) {
    silent.set(`prompt_encoder.${name}`, constant(tensor([1, spec.promptWidth], new Float32Array(spec.promptWidth))));
  }
  const [a, b, c] = [0, 2, 1];
  const centre = (token: number) => (token + 0.5) * spec.patch - 0.5;
  const places = constant(tensor([1, 1, 3], [a, b, c].map(centre)));
  const { sparse } = encodePrompts(spec, silent, { points: { places, labels: constant(tensor([1, 1], [1])) } });
  const point = (await evaluate(sparse as Value)).data.slice(0, spec.promptWidth) as Float32Array;
  const code = await evaluate(gridCode(spec, byKey(volume)));
  const token = (i: number, j: number, k: number) => {
    const at = ((i * gridOf(spec) + j) * gridOf(spec) + k) * spec.promptWidth;
    return code.data.slice(at, at + spec.promptWidth) as Float32Array;
  };
  expect(relativeDifference(point, token(b, a, c))).toBeLessThan(1e-5);
  expect(relativeDifference(point, token(a, b, c))).toBeGreaterThan(0.1);
});
