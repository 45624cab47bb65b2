/** A SAM sees before it has learned anything: intensities of an image reach the features of its places. */
import { expect, test } from 'vitest';
import { constant } from '../../src/main/engine/graph';
import { buildModel } from '../../src/main/engine/model';
import { encodeModel } from '../../src/main/engine/onnx';
import { Session } from '../../src/main/engine/session';
import { type Tensor, tensor } from '../../src/main/engine/tensor';
import { rampsOf } from '../../src/main/methods/practice/contentStart';
import { practiceStart } from '../../src/main/methods/practice/start';
import { encodeImage } from '../../src/main/networks/sam/imageEncoder';
import { byBlocks, placeFeatures } from '../../src/main/networks/sam/maskDecoder';
import { perAxis, type SamSpec } from '../../src/main/networks/sam/spec';
import { random } from '../../src/shared/random';

const volume: SamSpec = {
  ...{ axes: 3, channels: 1, imageSide: 24, patch: 4, width: 96, depth: 2, heads: 4, mlpWidth: 96, window: 3, globalBlocks: [1] },
  ...{ promptWidth: 144, maskWidth: 24, decoder: { depth: 1, heads: 8, mlpWidth: 32 }, qualityWidth: 16, masks: 1 },
};
const slice: SamSpec = { ...volume, axes: 2, channels: 3, patch: 8, promptWidth: 96, maskWidth: 16 };

/** Steps of intensity in a noisy image, and what its places show at first: [places][features]. */
async function seen(spec: SamSpec, intensities: number[]) {
  const stream = random(3);
  const sides = perAxis(spec, spec.imageSide);
  const count = spec.imageSide ** spec.axes;
  const corner = (at: number) => Math.floor(at / spec.imageSide) % spec.imageSide > 9;
  const plane = Float32Array.from(
    { length: count },
    (_, at) => (corner(at) ? 1.5 : at % spec.imageSide > 13 ? -3 : 0) + 0.4 * stream.normal(),
  );
  const image = {
    dims: [1, spec.channels, ...sides],
    data: Float32Array.from({ length: spec.channels * count }, (_, n) => plane[n % count]),
  };
  const parameters = new Map([...practiceStart(spec, random(1), intensities)].map(([name, value]) => [name, constant(value)]));
  const features = placeFeatures(spec, parameters, encodeImage(spec, parameters, constant(image)).embedding);
  const places = perAxis(spec, (4 * spec.imageSide) / spec.patch);
  const average = Float32Array.from({ length: places.reduce((product, side) => product * side, 1) }, () => 0);
  const each = spec.patch / 4;
  for (let at = 0; at < count; at++) {
    const place = sides.reduce((sum, side, axis) => {
      const index = Math.floor(at / side ** (spec.axes - 1 - axis)) % side;
      return sum * places[0] + Math.floor(index / each);
    }, 0);
    average[place] += plane[at] / each ** spec.axes;
  }
  const session = await Session.create(
    encodeModel(
      buildModel({
        name: 'test',
        inputs: [],
        outputs: { features, average: byBlocks(spec, constant(tensor([1, ...places], [...average]))) },
        form: 'cpu',
      }),
    ),
    { device: 'cpu', threads: 1 },
  );
  const came = await session.run({});
  await session.release();
  return { features: came.features as Tensor<Float32Array>, average: came.average.data as Float32Array };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const product = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, n) => sum + value * y[n], 0);
  const [da, db] = [a.map((x) => x - meanA), b.map((x) => x - meanB)];
  return product(da, db) / Math.sqrt(product(da, da) * product(db, db));
}

const knots = [-3, -2, -1, 0, 0.5, 1, 1.5, 2];

test.each([
  ['voxels of a volume', volume],
  ['pixels of a slice', slice],
] as [string, SamSpec][])('ramps over intensities of %s are there from the start, told apart by where they begin', async (_, spec) => {
  const { features, average } = await seen(spec, knots);
  const width = features.dims[2];
  const ramps = rampsOf(spec);
  const column = (r: number) => Array.from(average, (_one, place) => features.data[place * width + r]);
  // The middle ones: where few places lie beyond a knot, noise is most of what its ramp shows.
  for (let r = 1; r < ramps / 2; r++) {
    const knot = knots[Math.floor(((r + 0.5) / ramps) * knots.length)];
    const ramp = Array.from(average, (value) => Math.max(0, knot - value));
    expect(correlation(column(r), ramp)).toBeGreaterThan(0.85);
  }
  const bright = [...average.keys()].filter((place) => average[place] > 1);
  const dark = [...average.keys()].filter((place) => average[place] < -2);
  const over = (places: readonly number[], r: number) => mean(places.map((place) => features.data[place * width + r]));
  const rising = Math.ceil(ramps / 2);
  expect(over(bright, rising)).toBeGreaterThan(over(dark, rising) + 0.1);
});
