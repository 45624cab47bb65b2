/** A frozen SAM as two models, and what stands before and behind it. */
import { expect, test } from 'vitest';
import { constant, type Value } from '../../src/main/engine/graph';
import { buildModel } from '../../src/main/engine/model';
import { encodeModel, type Model } from '../../src/main/engine/onnx';
import { Session } from '../../src/main/engine/session';
import { type Tensor, tensor } from '../../src/main/engine/tensor';
import { samDecoderModel, samEncoderModel } from '../../src/main/networks/sam/inference';
import { enlargeMasks, preparePlane } from '../../src/main/networks/sam/pictures';
import { encodePrompts } from '../../src/main/networks/sam/promptEncoder';
import type { SamSpec } from '../../src/main/networks/sam/spec';
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
  // The file keeps the first 16 planes, the second 16 rows and the last 16 columns.
  const crop = Float32Array.from({ length: 16 ** 3 }, (_, i) =>
    Number(logits.data[((i >> 8) * side + 16 + ((i >> 4) & 15)) * side + side - 16 + (i & 15)]),
  );
  expect(relativeDifference(crop, get('out.points.high_res_logits.crop').data)).toBeLessThan(2e-5);
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
  expect(() => encodePrompts(spec, byKey(volume), { mask })).toThrow('the mask prompt is [1, 1, 2, 2, 2], expected [1, 1, 16, 16, 16]');
  const other: SamSpec = { ...spec, imageSide: spec.imageSide + spec.patch };
  expect(() => samEncoderModel(other, weights)).toThrow('image_encoder.pos_embed has shape [1, 4, 4, 4, 48], expected [1, 5, 5, 5, 48]');
  const large = constant(tensor([1, 3, 4, spec.imageSide + 1], new Float32Array(12 * (spec.imageSide + 1))));
  expect(() => preparePlane(plane.spec, large)).toThrow('expected [N, 3, rows, columns] with sides up to 64');
});
