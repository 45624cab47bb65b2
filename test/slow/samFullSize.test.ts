/** SAM-Med3D at its released size: 100 million parameters, a volume of 128³, windows of 14³ around a grid of 8³. */
import { expect, test } from 'vitest';
import { constant, input } from '../../src/main/engine/graph';
import { buildModel } from '../../src/main/engine/model';
import { encodeModel } from '../../src/main/engine/onnx';
import { Session } from '../../src/main/engine/session';
import { sizeOf, tensor } from '../../src/main/engine/tensor';
import { encodeImage, type WindowPadding } from '../../src/main/networks/sam/imageEncoder';
import { samDecoderModel } from '../../src/main/networks/sam/inference';
import { officialSams } from '../../src/main/networks/sam/spec';
import { random } from '../../src/shared/random';
import { relativeDifference } from '../golden';
import { plausibleWeights } from '../networks/samWeights';

const spec = officialSams['SAM-Med3D'];
const cpu = { device: 'cpu', threads: 2 } as const;

test('2,232 empty keys folded into one give the embedding that all of them give, and masks follow from it', async () => {
  const weights = plausibleWeights(spec);
  const parameters = new Map([...weights].map(([name, weight]) => [name, constant(weight, name)]));
  const side = spec.imageSide;
  const stream = random(3);
  const voxels = tensor(
    [1, 1, side, side, side],
    Float32Array.from({ length: side ** 3 }, () => stream.normal()),
  );
  const embed = async (padding: WindowPadding) => {
    const image = input('image', 'float32', voxels.dims);
    const { embedding } = encodeImage(spec, parameters, image, padding);
    const session = await Session.create(
      encodeModel(buildModel({ name: padding, inputs: [image], outputs: { embedding }, form: 'cpu' })),
      cpu,
    );
    const results = await session.run({ image: voxels });
    await session.release();
    return results.embedding;
  };
  const [folded, kept] = [await embed('folded'), await embed('kept')];
  expect(folded.dims).toEqual([1, 384, 8, 8, 8]);
  expect(relativeDifference(folded.data, kept.data)).toBeLessThan(1e-5);

  const session = await Session.create(encodeModel(samDecoderModel(spec, weights, { points: 2, choice: 'single', size: 'image' })), cpu);
  const points = tensor([1, 2, 3], [64, 64, 64, 10, 20, 30]);
  const { logits, quality } = await session.run({ embedding: folded, points, labels: { dims: [1, 2], data: Int32Array.of(1, 0) } });
  await session.release();
  expect(logits.dims).toEqual([1, 1, side, side, side]);
  expect(logits.data).toHaveLength(sizeOf(logits.dims));
  expect([...quality.data, ...logits.data.slice(0, 1000)].every((x) => Number.isFinite(x))).toBe(true);
});
