/** What a teacher makes of one fixed image: a few numbers that come out alike wherever its weights are whole and a device computes right. */
import { readFile } from 'node:fs/promises';
import { AppError, fail, sentenceOf } from '../../../shared/errors';
import { random } from '../../../shared/random';
import type { CheckNumbers } from '../../../shared/teachers';
import { Session } from '../../engine/session';
import { sizeOf, type Tensor } from '../../engine/tensor';
import { dinov3Model } from '../../networks/dinov3/inference';
import { samDecoderModel, samEncoderModel } from '../../networks/sam/inference';
import { gridOf, perAxis, type SamSpec } from '../../networks/sam/spec';
import type { JobCode } from '../protocol';
import { type LoadedTeacher, loadTeacher, type Place, sessionOf } from '../teachers/network';
import { recogniseOnnx } from '../teachers/onnxTeacher';

type Answer = { numbers: CheckNumbers; seconds: number };

export const checkTeacher: JobCode<'checkTeacher'> = async ({ weights, name, architecture, device, threads }) => {
  const place = { device, threads };
  const { numbers, seconds } =
    architecture === 'onnx' ? await askOnnx(weights, name, place) : await askNetwork(await loadTeacher(weights, name), place);
  const lost = Object.entries(numbers).find(([, values]) => !values.every(Number.isFinite));
  if (lost) fail('TEACHER_NOT_SOUND', name, `its ${lost[0]} of an ordinary image holds values that are no finite numbers`);
  return { numbers, seconds };
};

const askNetwork = (loaded: LoadedTeacher, place: Place): Promise<Answer> =>
  loaded.kind === 'sam' ? askSam(loaded.spec, loaded.weights, place) : askDinov3(loaded, place);

/** An embedding of noise, and the mask of one click in its middle (in volumes with an empty mask, as SAM-Med3D was trained). */
async function askSam(spec: SamSpec, weights: ReadonlyMap<string, Tensor>, place: Place): Promise<Answer> {
  const image = noise([1, spec.channels, ...perAxis(spec, spec.imageSide)]);
  const encoder = await sessionOf(samEncoderModel(spec, weights), place);
  const [{ embedding }, seconds] = await timed(encoder, { image });
  const hasMask = spec.axes === 3;
  const decoder = await sessionOf(samDecoderModel(spec, weights, { points: 1, mask: hasMask, choice: 'single', size: 'decoded' }), place);
  const maskDims = [1, 1, ...perAxis(spec, 4 * gridOf(spec))];
  const [{ logits, quality }] = await timed(decoder, {
    embedding,
    points: { dims: [1, 1, spec.axes], data: new Float32Array(spec.axes).fill(spec.imageSide / 2) },
    labels: { dims: [1, 1], data: Int32Array.of(1) },
    ...(hasMask && { mask: { dims: maskDims, data: new Float32Array(sizeOf(maskDims)) } }),
  });
  return { numbers: numbersOf({ embedding, logits, quality }), seconds };
}

/** The side DINOv3's own examples use, in patches. */
const dinov3Patches = 14;

async function askDinov3({ weights }: Extract<LoadedTeacher, { kind: 'dinov3' }>, place: Place): Promise<Answer> {
  const { inChannels, patch } = weights.spec;
  const image = noise([1, inChannels, dinov3Patches * patch, dinov3Patches * patch]);
  const session = await sessionOf(dinov3Model(weights, image.dims), place);
  const [{ patches, cls }, seconds] = await timed(session, { image });
  return { numbers: numbersOf({ patches, cls }), seconds };
}

/** A side for axes that a model leaves open: few enough voxels for any machine. */
const openSide = { 2: 256, 3: 64 } as const;

async function askOnnx(path: string, name: string, place: Place): Promise<Answer> {
  const bytes = await readFile(path);
  const { axes, channels, sides } = recogniseOnnx(bytes, name).input;
  const image = noise([1, channels, ...sides.map((side) => side ?? openSide[axes])]);
  try {
    const session = await Session.create(bytes, place);
    const [results, seconds] = await timed(session, { [session.inputNames[0]]: image });
    return { numbers: numbersOf(results), seconds };
  } catch (error) {
    if (error instanceof AppError) throw error;
    return fail('TEACHER_CANNOT_RUN', name, `the runtime says “${sentenceOf(error).split('\n')[0].replace(/\.$/, '')}”`);
  }
}

/** Below this a first run is mostly preparation, so a second one is timed. */
const longSeconds = 5;

/** Runs once, or twice where that is quick, and frees the session: results, and the seconds of the last run. */
async function timed(session: Session, feeds: Readonly<Record<string, Tensor>>): Promise<[Record<string, Tensor>, number]> {
  const run = async (): Promise<[Record<string, Tensor>, number]> => {
    const began = performance.now();
    const results = await session.run(feeds);
    return [results, (performance.now() - began) / 1000];
  };
  try {
    const first = await run();
    return first[1] > longSeconds ? first : await run();
  } finally {
    await session.release();
  }
}

/** Normal noise, the same for the same shape. */
function noise(dims: readonly number[]): Tensor<Float32Array> {
  const stream = random(1);
  return { dims, data: Float32Array.from({ length: sizeOf(dims) }, () => stream.normal()) };
}

/** Numbers kept of every result, spread over it. */
const kept = 16;
const numbersOf = (results: Readonly<Record<string, Tensor>>): CheckNumbers =>
  Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => {
      const count = Math.min(kept, data.length);
      return [name, Array.from({ length: count }, (_, n) => Number(data[Math.floor((n * data.length) / count)]))];
    }),
  );
