/** Scores an encoder of features by what is similar in them: each patch of a slice takes the structure of its nearest labelled ones. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadTeacher } from '../../../src/main/compute/teachers/network';
import { encodeModel } from '../../../src/main/engine/onnx';
import { Session } from '../../../src/main/engine/session';
import { torsoStructures } from '../../../src/main/imaging/phantom/structures';
import { type Torso, torsoPhantom } from '../../../src/main/imaging/phantom/torso';
import { samInput, sliceFrame, slicePicture } from '../../../src/main/imaging/teacherSlice';
import { dinov3Model } from '../../../src/main/networks/dinov3/inference';
import { initialDinov3 } from '../../../src/main/networks/dinov3/parameters';
import type { Dinov3Weights } from '../../../src/main/networks/dinov3/recognise';
import { random } from '../../../src/shared/random';
import { layerScale } from './features';
import { recipes } from './recipes';

/** Of the demo's cases: those with labels, and some of those that test. */
const labelled = [1, 2, 3, 4, 5];
const tested = [26, 27, 28, 29, 30];
/** Slices of a case, evenly over its height. */
const slicesOf = 12;
const window = { low: -160, high: 240 };
const side = 96;
const neighbours = 10;
/** A patch is a structure's where at least this share of it is. */
const share = 0.5;

interface Patch {
  /** Of length 1. */
  features: Float32Array;
  /** 0 is none. */
  structure: number;
}

export default async function score(root: string, args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string', default: '1' },
      weights: { type: 'string', default: join(root, 'resources/teachers/demo-features.safetensors') },
      out: { type: 'string' },
    },
  });
  const loaded = await loadTeacher(values.weights, values.weights);
  if (loaded.kind !== 'dinov3') throw new Error(`${values.weights} gives no features`);
  const trained = loaded.weights;
  const { spec } = trained;
  const fresh: Dinov3Weights = { ...trained, parameters: new Map(initialDinov3(spec, random(recipes.features.seed), layerScale)) };
  const encoders = { trained: await encoder(trained), 'before training': await encoder(fresh), pixels: pixelsOf(spec.patch) };
  const rows: string[] = ['features,structure,patches,dice'];
  const columns: Record<string, number[]> = {};
  for (const [name, encode] of Object.entries(encoders)) {
    const patchesOf = async (numbers: number[]) =>
      (await Promise.all(numbers.map((number) => patches(torsoPhantom(Number(values.seed), number), spec.patch, encode)))).flat();
    const [known, asked] = [await patchesOf(labelled), await patchesOf(tested)];
    const guessed = asked.map(({ features }) => nearest(features, known));
    columns[name] = torsoStructures.map((structure, n) => {
      const count = (of: (at: number) => boolean) => asked.reduce((sum, _, at) => sum + Number(of(at)), 0);
      const [truth, found] = [count((at) => asked[at].structure === n + 1), count((at) => guessed[at] === n + 1)];
      const dice = (2 * count((at) => asked[at].structure === n + 1 && guessed[at] === n + 1)) / Math.max(1, truth + found);
      rows.push(`${name},${structure},${truth},${dice.toFixed(4)}`);
      return dice;
    });
  }
  const names = Object.keys(columns);
  console.log(`Dice of patches by their ${neighbours} most similar labelled ones: ${names.join(', ')}`);
  const line = (title: string, of: (name: string) => number) =>
    console.log(`${title.padEnd(14)} ${names.map((name) => of(name).toFixed(3)).join('  ')}`);
  for (const [n, structure] of torsoStructures.entries()) line(structure, (name) => columns[name][n]);
  line('mean', (name) => columns[name].reduce((sum, dice) => sum + dice, 0) / torsoStructures.length);
  if (values.out) await writeFile(values.out, `${rows.join('\n')}\n`);
}

/** Features of all patches of a picture [patches][width], row by row. */
type Encode = (image: Float32Array) => Promise<Float32Array[]>;

async function encoder(weights: Dinov3Weights): Promise<Encode> {
  const session = await Session.create(encodeModel(dinov3Model(weights, [1, 3, side, side])), { device: 'cpu', threads: 1 });
  return async (image) => {
    const { patches: map } = await session.run({ image: { dims: [1, 3, side, side], data: image } });
    const [, width, rows, columns] = map.dims;
    return Array.from({ length: rows * columns }, (_, at) =>
      Float32Array.from({ length: width }, (_one, c) => Number(map.data[c * rows * columns + at])),
    );
  };
}

const pixelsOf =
  (patch: number): Encode =>
  async (image) =>
    Array.from({ length: (side / patch) ** 2 }, (_, at) => {
      const [row, column] = [Math.floor(at / (side / patch)) * patch, (at % (side / patch)) * patch];
      return Float32Array.from({ length: patch ** 2 }, (_one, n) => image[(row + Math.floor(n / patch)) * side + column + (n % patch)]);
    });

/** Patches of a torso's CT that lie in a structure, or beside all of them in the body. */
async function patches({ ct, label }: Torso, patch: number, encode: Encode): Promise<Patch[]> {
  const found: Patch[] = [];
  for (let n = 0; n < slicesOf; n++) {
    const at = { axis: 2 as const, index: Math.floor(((n + 0.5) / slicesOf) * ct.grid.size[2]) };
    const frame = sliceFrame(ct.grid, at.axis, side);
    const features = await encode(samInput([slicePicture(ct, at, window)], frame));
    const structures = slicePicture(label, at, { low: 0, high: 255 });
    const scale = frame.slice.columns / frame.resized.columns;
    for (const [place, own] of features.entries()) {
      const counts = new Map<number, number>();
      const [row, column] = [Math.floor(place / (side / patch)) * patch, (place % (side / patch)) * patch];
      for (let k = 0; k < patch ** 2; k++) {
        const [y, x] = [row + Math.floor(k / patch), column + (k % patch)].map((pixel) => Math.floor((pixel + 0.5) * scale));
        const structure = x < frame.slice.columns && y < frame.slice.rows ? structures[y * frame.slice.columns + x] : 0;
        counts.set(structure, (counts.get(structure) ?? 0) + 1);
      }
      const [most] = [...counts].sort((a, b) => b[1] - a[1]);
      if (most[1] >= share * patch ** 2) found.push({ features: unit(own), structure: most[0] });
    }
  }
  return found;
}

function unit(values: Float32Array): Float32Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const centred = values.map((value) => value - mean);
  const length = Math.hypot(...centred) || 1;
  return centred.map((value) => value / length);
}

/** The structure that most of the nearest patches have. */
function nearest(features: Float32Array, known: readonly Patch[]): number {
  const best: { alike: number; structure: number }[] = [];
  for (const { features: other, structure } of known) {
    let alike = 0;
    for (let n = 0; n < other.length; n++) alike += features[n] * other[n];
    if (best.length === neighbours && alike <= best[neighbours - 1].alike) continue;
    best.push({ alike, structure });
    best.sort((a, b) => b.alike - a.alike);
    if (best.length > neighbours) best.pop();
  }
  const votes = new Map<number, number>();
  for (const { structure, alike } of best) votes.set(structure, (votes.get(structure) ?? 0) + 1 + 1e-3 * alike);
  return [...votes].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
}
