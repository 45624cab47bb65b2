/** How promptable teachers are trained: what they are asked, and that they learn from it. */
import { expect, test } from 'vitest';
import type { Tensor } from '../../src/main/engine/tensor';
import { TrainingStep } from '../../src/main/engine/trainStep';
import { randomCorrection } from '../../src/main/methods/practice/correctClick';
import { type PracticeConfig, practice } from '../../src/main/methods/practice/practice';
import { roughMask } from '../../src/main/methods/practice/roughMask';
import { practiceRounds, type Scene } from '../../src/main/methods/practice/rounds';
import { practiceStart } from '../../src/main/methods/practice/start';
import { initialParameters } from '../../src/main/networks/network';
import { directionsKey, type SamSpec, samParameters } from '../../src/main/networks/sam/spec';
import { type Random, random } from '../../src/shared/random';

const side = 16;
const cube = (axes: 2 | 3): SamSpec => ({
  axes,
  channels: axes === 3 ? 1 : 3,
  imageSide: side,
  patch: 4,
  width: 16,
  depth: 1,
  heads: 2,
  mlpWidth: 32,
  window: 4,
  globalBlocks: [0],
  promptWidth: 48,
  maskWidth: 4,
  decoder: { depth: 1, heads: 8, mlpWidth: 32 },
  qualityWidth: 16,
  masks: 4,
});
const volumes: PracticeConfig = {
  spec: cube(3),
  images: 2,
  kinds: [
    { name: 'clicks', perImage: 2, points: 3, mask: 'given' },
    { name: 'masked', perImage: 1, points: 0, mask: 'given' },
  ],
};

/** A bright box in the dark. */
function brightBox({ axes, channels }: SamSpec, stream: Random): Scene {
  const from = Array.from({ length: axes }, () => 1 + stream.integer(8));
  const object = new Uint8Array(side ** axes);
  for (let n = 0; n < object.length; n++) {
    const isInside = from.every((at, axis) => {
      const place = Math.floor(n / side ** (axes - 1 - axis)) % side;
      return place >= at && place < at + 6;
    });
    if (isInside) object[n] = 1;
  }
  const plane = Float32Array.from(object, (inside) => (inside ? 2 : -0.5) + 0.1 * stream.normal());
  return {
    image: Float32Array.from({ length: channels * plane.length }, (_, n) => plane[n % plane.length]),
    objects: [object],
    shown: object,
  };
}

const scalars = (values: Record<string, number>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { dims: [], data: Float32Array.of(value) }]));

/** Trains for some steps; answers the reports of each, and the parameters at the end. */
async function trained(
  config: PracticeConfig,
  steps: number,
  {
    start = initialParameters({ parameters: samParameters(config.spec) }, random(1)) as Map<string, Tensor>,
    draw = (stream: Random) => brightBox(config.spec, stream),
    rate = 3e-3,
  } = {},
) {
  const settings = { ...practice.defaults, warmupSteps: 5, rate, steps };
  const step = await TrainingStep.open(practice.plan(config, settings), start, { device: 'cpu', threads: 2 });
  const rounds = practiceRounds(config, 3, 1, draw);
  const reports: Record<string, number>[] = [];
  try {
    for (let t = 0; t < steps; t++) {
      reports.push(await step.run({ ...rounds.feeds(), ...scalars(practice.schedule(t, settings)) }));
      rounds.hear((name) => step.result(name));
    }
    const end = new Map([...step.parameters()].map(([name, { data }]) => [name, [...(data as Float32Array)]]));
    return { reports, start, end };
  } finally {
    await step.close();
  }
}
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

test('a teacher of volumes learns from clicks and rough masks, and its random directions stay', async () => {
  const { reports, start, end } = await trained(volumes, 60);
  const dice = (from: number, to: number) => mean(reports.slice(from, to).map(({ maskedDice }) => maskedDice));
  expect(dice(50, 60)).toBeGreaterThan(dice(0, 10) + 0.3);
  expect(end.get(directionsKey)).toEqual([...(start.get(directionsKey)?.data ?? [])]);
  expect(end.get('image_encoder.pos_embed')).not.toEqual([...(start.get('image_encoder.pos_embed')?.data ?? [])]);
}, 60_000);

test('a teacher of slices learns from a click that may mean several things, from boxes and from corrections', async () => {
  const config: PracticeConfig = {
    spec: cube(2),
    images: 2,
    kinds: [
      { name: 'click', perImage: 1, points: 1, mask: 'none' },
      { name: 'box', perImage: 1, points: 0, boxes: true, mask: 'none' },
      { name: 'clicks', perImage: 1, points: 3, mask: 'given' },
    ],
  };
  const { reports } = await trained(config, 60);
  const loss = (from: number, to: number) => mean(reports.slice(from, to).map((report) => report.loss));
  expect(loss(50, 60)).toBeLessThan(0.7 * loss(0, 10));
}, 60_000);

test('the same seed asks the same, and another seed something else', () => {
  const feedsOf = (seed: number) => practiceRounds(volumes, 3, seed, (stream) => brightBox(volumes.spec, stream)).feeds();
  expect(feedsOf(1)).toEqual(feedsOf(1));
  expect(feedsOf(2)['clicks.places']).not.toEqual(feedsOf(1)['clicks.places']);
});

test.each([0, 1])('with %i of them begun at once, prompts of several clicks begin with one click or with more', (atOnce) => {
  const kinds = volumes.kinds.map((kind) => ({ ...kind, atOnce }));
  for (const seed of [1, 2, 3, 4, 5]) {
    const { data, dims } = practiceRounds({ ...volumes, kinds }, 3, seed, (stream) => brightBox(volumes.spec, stream)).feeds()[
      'clicks.labels'
    ];
    for (let prompt = 0; prompt < dims[0]; prompt++) {
      const clicks = [...data.slice(prompt * dims[1], (prompt + 1) * dims[1])].filter((label) => Number(label) >= 0).length;
      expect(clicks > 1).toBe(atOnce === 1);
    }
  }
});

test('first clicks lie on the object; the next one lies where the mask was wrong', () => {
  const rounds = practiceRounds(volumes, 3, 1, (stream) => brightBox(volumes.spec, stream));
  const before = rounds.feeds();
  const at = (feeds: Record<string, Tensor>, prompt: number, click: number) => {
    const [x, y, z] = [0, 1, 2].map((axis) => Number(feeds['clicks.places'].data[(prompt * 3 + click) * 3 + axis]));
    return prompt * side ** 3 + (x * side + y) * side + z;
  };
  const target = before['clicks.target'].data;
  for (let prompt = 0; prompt < 4; prompt++) expect(target[at(before, prompt, 0)]).toBe(1);
  // An answer that takes everything: all that is wrong lies beside the object.
  const everything = (name: string): Tensor => {
    const dims = [name.startsWith('clicks') ? 4 : 2, 1, side, side, side];
    return { dims, data: new Float32Array(dims.reduce((product, n) => product * n, 1)).fill(1) };
  };
  rounds.hear(everything);
  const after = rounds.feeds();
  // The second image began with round 1 of 3 and stays for one round more.
  for (let prompt = 0; prompt < 4; prompt++) {
    const labels = [0, 1, 2].map((click) => Number(after['clicks.labels'].data[prompt * 3 + click]));
    const last = labels.findLastIndex((label) => label !== -1);
    expect(labels[last]).toBe(0);
    expect(after['clicks.target'].data[at(after, prompt, last)]).toBe(0);
  }
});

test('a correction names what is missed or too much, and nothing where nothing is wrong', () => {
  const truth = Uint8Array.of(0, 1, 1, 0);
  const stream = random(1);
  expect(randomCorrection(truth, Float32Array.of(-1, 1, -1, -1), [4], stream)).toEqual({ at: 2, isPositive: true });
  expect(randomCorrection(truth, Float32Array.of(1, 1, 1, -1), [4], stream)).toEqual({ at: 0, isPositive: false });
  expect(randomCorrection(truth, Float32Array.of(-1, 1, 1, -1), [4], stream)).toBeNull();
});

test('a correction among several lies in the midst of what is wrong', () => {
  const sides = [5, 12];
  const truth = new Uint8Array(60);
  for (let j = 0; j < 5; j++) truth.fill(1, 12 * j, 12 * j + 5);
  truth[12 * 2 + 11] = 1;
  const clicks = Array.from({ length: 20 }, (_, n) => randomCorrection(truth, null, sides, random(n), 400));
  expect(new Set(clicks.map((click) => click?.at))).toEqual(new Set([12 * 2 + 2]));
});

test('a rough mask is like the object, and not the object', () => {
  const { objects } = brightBox(cube(3), random(3));
  const masks = Array.from({ length: 20 }, (_, n) => roughMask(objects[0], [side, side, side], random(n)));
  const overlaps = masks.map((mask) => {
    const found = mask.map((value) => Number(value > 0));
    const [common, size] = [
      found.reduce((sum, value, at) => sum + value * objects[0][at], 0),
      found.reduce((sum, value) => sum + value, 0),
    ];
    return (2 * common) / (size + 6 ** 3);
  });
  expect(mean(overlaps)).toBeGreaterThan(0.4);
  expect(Math.max(...overlaps)).toBeLessThan(1);
});

/** What a start lays out needs room. */
const wide = { promptWidth: 144, maskWidth: 24 };

test('attention between a click and the image begins where the click lies, though the codes of volumes exchange two axes', async () => {
  const spec = { ...cube(3), ...wide };
  const start = practiceStart(spec, random(5));
  const code = (place: readonly number[]) => {
    const { dims, data } = start.get(directionsKey) as Tensor<Float32Array>;
    const angles = Array.from({ length: dims[1] }, (_, n) =>
      place.reduce((sum, at, axis) => sum + 2 * Math.PI * (2 * at - 1) * data[axis * dims[1] + n], 0),
    );
    return [...angles.map(Math.sin), ...angles.map(Math.cos), ...angles.map(Math.sin)];
  };
  const through = (name: string, x: readonly number[]) => {
    const { dims, data } = start.get(`mask_decoder.transformer.${name}.weight`) as Tensor<Float32Array>;
    return Array.from({ length: dims[0] }, (_, row) => x.reduce((sum, value, column) => sum + value * data[row * dims[1] + column], 0));
  };
  const alike = (attention: string, [ofClick, ofImage]: [string, string], click: readonly number[], token: readonly number[]) => {
    const [a, b] = [
      through(`${attention}.${ofClick}`, code(click)),
      through(`${attention}.${ofImage}`, code([token[1], token[0], token[2]])),
    ];
    return a.reduce((sum, value, n) => sum + value * b[n], 0);
  };
  const click = [0.2, 0.7, 0.5];
  const others = Array.from({ length: 50 }, (_, n) => [0, 1, 2].map((axis) => random(n).fork(axis).uniform()));
  for (const [name, parts] of [
    ['layers.0.cross_attn_token_to_image', ['q_proj', 'k_proj']],
    ['layers.0.cross_attn_image_to_token', ['k_proj', 'q_proj']],
    ['final_attn_token_to_image', ['q_proj', 'k_proj']],
  ] as [string, [string, string]][]) {
    const here = alike(name, parts, click, click);
    expect(Math.max(...others.map((place) => alike(name, parts, click, place)))).toBeLessThan(here);
  }
});

test('a fresh network learns which of two like objects is clicked on', async () => {
  const spec: SamSpec = {
    ...cube(3),
    width: 32,
    depth: 2,
    globalBlocks: [0, 1],
    ...wide,
    decoder: { depth: 2, heads: 8, mlpWidth: 64 },
  };
  const config: PracticeConfig = { spec, images: 2, kinds: [{ name: 'clicks', perImage: 3, points: 3, mask: 'given' }] };
  const twins = (stream: Random): Scene => {
    const boxes = [0, 8].map((along) => {
      const from = [along + stream.integer(3), stream.integer(10), stream.integer(10)];
      const isInside = (n: number) => {
        const at = [Math.floor(n / side ** 2), Math.floor(n / side) % side, n % side];
        return at.every((place, axis) => place >= from[axis] && place < from[axis] + 5);
      };
      return Uint8Array.from({ length: side ** 3 }, (_, n) => Number(isInside(n)));
    });
    const image = Float32Array.from(boxes[0], (inside, n) => (inside || boxes[1][n] ? 2 : -0.5) + 0.1 * stream.normal());
    const shown = Uint8Array.from(boxes[0], (inside, n) => (inside ? 1 : 2 * boxes[1][n]));
    return { image, objects: boxes, shown };
  };
  const { reports } = await trained(config, 120, { start: practiceStart(spec, random(1)), draw: twins, rate: 2e-3 });
  // Who takes both has a Dice of two thirds at best.
  expect(mean(reports.slice(-30).map(({ clicksDice }) => clicksDice))).toBeGreaterThan(0.75);
}, 600_000);
