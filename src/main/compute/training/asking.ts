/** What it costs a run to ask others before each step: work and memory by the shapes of their models, time by one lesson on noise. */
import { random } from '../../../shared/random';
import type { TrainSettings } from '../../../shared/runs';
import { costOf, workOf } from '../../engine/cost';
import type { Model } from '../../engine/onnx';
import { sizeOf, type Tensor } from '../../engine/tensor';
import type { Load } from '../../methods/course';
import { type MuduoNetworks, putToWork, structuresTogether } from '../../methods/muduo/atWork';
import { drawAlphas, lesson } from '../../methods/muduo/lesson';
import { type Rules, rulesOf } from '../../methods/muduo/rules';
import { widthsFrom } from '../../methods/training/plan';
import { unet3d } from '../../networks/unet3d';
import { formOf } from '../devices';
import type { PlannedRun } from '../jobData';
import { anyParameters } from '../stepTime';
import { loadSam, type Place } from '../teachers/network';
import { sessionsAt } from './sessions';

export interface Asking {
  /** In the measure of `workOf`, of all that is asked for one step. */
  work: number;
  /** Memory taken as long as the run lasts: weights, and values alive at once. */
  weightBytes: number;
  peakBytes: number;
  /** Seconds of one lesson where the run would train. */
  time(place: Place): Promise<number>;
}

/** A first lesson as long as this is not run a second time to be surer. */
const longSeconds = 2;

/** Null where nobody is asked. @throws what reading a teacher's file may */
export async function askingOf(planned: PlannedRun): Promise<Asking | null> {
  const { settings } = planned;
  if (settings.method !== 'muduo') return null;
  const networks = await networksOf(planned, settings);
  // However little noise looks like anything, the teachers are asked about it.
  const rules: Rules = { ...rulesOf(settings.muduo), absent: 'taught' };
  const theta = anyParameters(networks.student);

  const models = new Map<string, Model>();
  await putToWork(
    networks,
    rules,
    () => theta,
    async (name, model) => {
      models.set(name, model);
      return { run: () => Promise.reject(new Error('asking: only counted')) };
    },
  );
  const structures = networks.student.classes - 1;
  const runs = Math.ceil(structures / structuresTogether(structures, networks.form));
  const timesOf = (name: string) => (isOncePerStep(name) ? 1 : networks.crops * (isDecoder(name) ? runs : 1));
  const costs = [...models].map(([name, model]) => ({ times: timesOf(name), cost: costOf(model) }));
  return {
    work: costs.reduce((sum, { times, cost }) => sum + times * workOf(cost), 0),
    weightBytes: 4 * [networks.ct, networks.pet].reduce((sum, teacher) => sum + (teacher ? numbersIn(teacher.weights) : 0), 0),
    peakBytes: costs.reduce((sum, { cost }) => sum + cost.peakBytes + cost.borderBytes, 0),
    async time(place) {
      const { load, release } = sessionsAt(place);
      try {
        return await timed(networks, rules, () => theta, load);
      } finally {
        await release();
      }
    },
  };
}

/** The student and the generator see all crops at once; the teachers take one at a time. */
const isDecoder = (name: string) => name === 'ct' || name === 'pet';
const isOncePerStep = (name: string) => name === 'student' || name === 'generator';

async function networksOf(
  { channels, structures, teachers, device }: PlannedRun,
  settings: Extract<TrainSettings, { method: 'muduo' }>,
): Promise<MuduoNetworks> {
  const unet = (inChannels: number) => unet3d({ inChannels, classes: structures + 1, widths: widthsFrom(settings.width) });
  const generator = unet(1);
  const [i, j, k] = settings.patch;
  return {
    student: unet(channels),
    ct: teachers.ct && (await loadSam(teachers.ct)),
    pet: teachers.pet && { ...(await loadSam(teachers.pet)), generator: { network: generator, weights: anyParameters(generator) } },
    patch: [k, j, i],
    crops: settings.muduo.unlabelled,
    form: formOf(device),
  };
}

async function timed(networks: MuduoNetworks, rules: Rules, theta: () => ReadonlyMap<string, Tensor>, load: Load): Promise<number> {
  const asked = await putToWork(networks, rules, theta, load);
  const { student, crops, patch, ct, pet } = networks;
  const view = noise([crops, 1, ...patch]);
  const image = noise([crops, student.inChannels, ...patch]);
  const label = { dims: [1, ...patch], data: new Uint8Array(sizeOf(patch)) };
  const batch = {
    labelled: { image: noise([1, student.inChannels, ...patch]), label },
    unlabelled: { student: image, generator: pet && view, ct: ct && view, pet: pet && view },
    alphas: drawAlphas(random(1), crops, student.classes - 1),
  };
  const seconds = async () => {
    const began = performance.now();
    await lesson(batch, asked, rules);
    return (performance.now() - began) / 1000;
  };
  const first = await seconds();
  return first > longSeconds ? first : seconds();
}

function noise(dims: readonly number[]): Tensor<Float32Array> {
  const stream = random(1);
  return { dims, data: Float32Array.from({ length: sizeOf(dims) }, () => stream.normal()) };
}
const numbersIn = (weights: ReadonlyMap<string, Tensor>): number => [...weights.values()].reduce((sum, { dims }) => sum + sizeOf(dims), 0);
