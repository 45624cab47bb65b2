/** The course of an encoder of features, which learns from two views of each slice and no labels. */
import type { Tensor } from '../../../src/main/engine/tensor';
import type { AssortedBody } from '../../../src/main/imaging/phantom/assorted';
import { resizePicture } from '../../../src/main/imaging/pictureResize';
import { samInput } from '../../../src/main/imaging/teacherSlice';
import {
  averaged,
  headParameters,
  type SelfDistillationConfig,
  selfDistillation,
} from '../../../src/main/methods/practice/selfDistillation';
import { keyMask } from '../../../src/main/networks/dinov3/names';
import { dinov3Parameters, initialDinov3 } from '../../../src/main/networks/dinov3/parameters';
import { ropePeriods } from '../../../src/main/networks/dinov3/rope';
import { type Random, random } from '../../../src/shared/random';
import type { FeatureRecipe } from './recipes';
import { drawSquare } from './sliceScenes';
import type { Course } from './train';

/** Layer scales that a short training can move. */
export const layerScale = 0.1;

export function features({ config, steps, rate, seed }: FeatureRecipe): Course {
  const settings = { ...selfDistillation.defaults, rate, steps };
  const { spec } = config;
  return {
    steps,
    plan: selfDistillation.plan(config, settings),
    start() {
      const student = new Map<string, Tensor>([
        ...initialDinov3(spec, random(seed), layerScale),
        ...initialHead(config, random(seed).fork('head')),
      ]);
      const average = [...student].map(([name, { dims, data }]) => [averaged(name), { dims, data: data.slice() }] as const);
      const none = { dims: [1, config.head.kinds], data: new Float32Array(config.head.kinds) };
      return new Map<string, Tensor>([...student, ...average, ['centre.images', none], ['centre.patches', none]]);
    },
    scalars: (t) => selfDistillation.schedule(t, settings),
    lessons(begun, bodies) {
      let step = begun;
      return { feeds: () => viewsOf(config, bodies, random(seed).fork(`views ${step++}`)), hear: () => undefined };
    },
    finished(parameters) {
      // The average is the better network of the two, and what DINOv3 releases.
      const own = dinov3Parameters(spec).map(({ name, dims }) => {
        const { data } = parameters.get(averaged(name)) as Tensor;
        return [name, { dims, data: data.slice() }] as [string, Tensor];
      });
      const periods = ropePeriods(spec.width / spec.heads);
      const masks = Array.from({ length: spec.depth }, (_, block): [string, Tensor] => [
        `blocks.${block}.attn.qkv.bias_mask`,
        keyMask(3 * spec.width),
      ]);
      return new Map([...own, ['rope_embed.periods', { dims: [periods.length], data: periods }], ...masks]);
    },
  };
}

const initialHead = (config: SelfDistillationConfig, stream: Random): [string, Tensor][] =>
  headParameters(config).map(({ name, dims }) => {
    const scale = dims.length > 1 ? dims[1] ** -0.5 : 0;
    return [
      name,
      { dims, data: Float32Array.from({ length: dims.reduce((product, n) => product * n, 1) }, () => scale * stream.normal()) },
    ];
  });

/** Two views of every image, all first ones before all second ones; in half of them a share of the patches is hidden. */
function viewsOf({ images, side, spec }: SelfDistillationConfig, bodies: readonly AssortedBody[], stream: Random): Record<string, Tensor> {
  const length = spec.inChannels * side * side;
  const patches = (side / spec.patch) ** 2;
  const views = new Float32Array(2 * images * length);
  const hidden = new Uint8Array(2 * images * patches);
  for (let image = 0; image < images; image++) {
    const square = drawSquare(bodies, stream);
    for (const view of [0, 1]) {
      const at = view * images + image;
      views.set(viewOf(square.grey, square.side, side, stream), at * length);
      if (stream.uniform() < 0.5) hide(hidden.subarray(at * patches, (at + 1) * patches), side / spec.patch, stream);
    }
  }
  return {
    views: { dims: [2 * images, spec.inChannels, side, side], data: views },
    hidden: { dims: [2 * images, patches], data: hidden },
  };
}

/** A random part of a picture, three fifths of its side at least, mirrored now and then, brighter or darker, with noise. */
function viewOf(grey: Uint8Array, from: number, side: number, stream: Random): Float32Array {
  const shown = Math.round(from * stream.uniform(0.6, 1));
  const [x0, y0] = [0, 1].map(() => stream.integer(from - shown + 1));
  const isFlipped = stream.uniform() < 0.5;
  const [slope, shift, noise] = [stream.uniform(0.7, 1.3), stream.uniform(-25, 25), stream.uniform(0, 8)];
  const part = Uint8Array.from({ length: shown * shown }, (_, n) => {
    const x = n % shown;
    const value = grey[x0 + (isFlipped ? shown - 1 - x : x) + from * (y0 + Math.floor(n / shown))];
    return Math.min(255, Math.max(0, Math.round(slope * (value - 128) + 128 + shift + noise * stream.normal())));
  });
  const whole = { columns: side, rows: side };
  return samInput([resizePicture(part, { columns: shown, rows: shown }, whole)], { slice: whole, resized: whole, side });
}

/** Hides blocks of patches until a tenth to a half of them is gone. */
function hide(hidden: Uint8Array, side: number, stream: Random): void {
  const wanted = hidden.length * stream.uniform(0.1, 0.5);
  for (let count = 0; count < wanted; ) {
    const [rows, columns] = [0, 1].map(() => 1 + stream.integer(Math.ceil(side / 3)));
    const [row, column] = [stream.integer(side - rows + 1), stream.integer(side - columns + 1)];
    for (let y = row; y < row + rows; y++) {
      for (let x = column; x < column + columns; x++) {
        if (hidden[y * side + x] === 0) count++;
        hidden[y * side + x] = 1;
      }
    }
  }
}
