/**
 * An iteration of MuDuo against a supervised step on the same batch, ten structures, all of them asked about: as in the demo (student
 * 8-16-32-64-128, patches of 48³, one labelled and two unlabelled, teachers built like the demo's), and with the networks that were published
 * (16-32-64-128-256, 128³, SAM-Med3D as released, random weights) on half of the published batch, one of each. Steps take turns on one thread and
 * are told in seconds of the processor, the least of each, so that whatever else the machine does weighs little on them. BENCH_SUBJECT measures
 * one of the two, MUDUO_REPEATS says how many turns.
 */

import { noiseFor } from '../../src/main/compute/devices';
import { sessionOf } from '../../src/main/compute/teachers/network';
import type { Session } from '../../src/main/engine/session';
import { sizeOf, type Tensor, tensor } from '../../src/main/engine/tensor';
import { type StepPlan, TrainingStep } from '../../src/main/engine/trainStep';
import type { Load } from '../../src/main/methods/course';
import { planFor } from '../../src/main/methods/courses';
import { putToWork } from '../../src/main/methods/muduo/atWork';
import { drawAlphas, lesson } from '../../src/main/methods/muduo/lesson';
import { rulesOf } from '../../src/main/methods/muduo/rules';
import { widthsFrom } from '../../src/main/methods/training/plan';
import { initialParameters } from '../../src/main/networks/network';
import { officialSams, type SamSpec } from '../../src/main/networks/sam/spec';
import { unet3d } from '../../src/main/networks/unet3d';
import { trainingDefaults } from '../../src/main/services/trainingDefaults';
import { muduoDefaults } from '../../src/shared/methods';
import { random } from '../../src/shared/random';
import { plausibleWeights } from '../networks/samWeights';
import { type PracticeRecipe, recipes } from '../studies/demoTeachers/recipes';

const place = { device: 'cpu', threads: 1 } as const;
const structures = 10;

interface Subject {
  name: string;
  spec: SamSpec;
  width: number;
  labelled: number;
  crops: number;
  turns: number;
}
const subjects: Subject[] = [
  { name: 'demo', spec: (recipes.ct as PracticeRecipe).config.spec, width: 8, labelled: 1, crops: 2, turns: 12 },
  { name: 'published', spec: officialSams['SAM-Med3D'], width: 16, labelled: 1, crops: 1, turns: 2 },
];

export default async function* measure() {
  for (const subject of subjects) if (subject.name.includes(process.env.BENCH_SUBJECT ?? '')) yield* measureOne(subject);
}

async function* measureOne({ name: subject, spec, width, labelled, crops, turns }: Subject) {
  const patch = Array<number>(3).fill(spec.imageSide);
  const unet = (inChannels: number) => unet3d({ inChannels, classes: structures + 1, widths: widthsFrom(width) });
  const [student, generator] = [unet(2), unet(1)];
  const weights = plausibleWeights(spec);
  const common = { ...trainingDefaults([], 1), width, balance: 0.5 };
  const own = {
    ...muduoDefaults,
    unlabelled: crops,
    teachers: { ct: null, pet: null },
    choices: { ...muduoDefaults.choices, absent: 'taught' as const },
  };
  const start = initialParameters(student, random(1));
  const open = async (plan: StepPlan) => ({ step: await TrainingStep.open(plan, start, place), inputs: noiseFor(plan) });
  const alone = await open(planFor({ ...common, method: 'supervised' }, { network: student, patch, labelled: labelled + crops }));
  const together = await open(planFor({ ...common, method: 'muduo', muduo: own }, { network: student, patch, labelled }));

  const spent = new Map<string, number>();
  const sessions: Session[] = [];
  const load: Load = async (name, model) => {
    const session = await sessionOf(model, place);
    sessions.push(session);
    return {
      async run(feeds) {
        const began = processor();
        const answers = await session.run(feeds);
        spent.set(name, (spent.get(name) ?? 0) + processor() - began);
        return answers;
      },
    };
  };
  const pet = { spec, weights, generator: { network: generator, weights: initialParameters(generator, random(4)) } };
  const networks = { student, ct: { spec, weights }, pet, patch, crops, form: 'cpu' as const };
  const asked = await putToWork(networks, rulesOf(own), () => together.step.parameters(), load);
  const view = noise([crops, 1, ...patch]);
  const batch = {
    labelled: {
      image: noise([labelled, 2, ...patch]),
      label: { dims: [labelled, ...patch], data: new Uint8Array(labelled * sizeOf(patch)) },
    },
    unlabelled: { student: noise([crops, 2, ...patch]), generator: view, ct: view, pet: view },
    alphas: drawAlphas(random(1), crops, structures),
  };

  const times = new Map<string, number[]>();
  const timed = async (name: string, work: () => Promise<unknown>) => {
    const began = processor();
    await work();
    note(name, processor() - began);
  };
  const note = (name: string, seconds: number) => times.set(name, [...(times.get(name) ?? []), seconds]);
  for (let turn = 0; turn < Number(process.env.MUDUO_REPEATS ?? turns); turn++) {
    await timed('supervised step', () => alone.step.run(alone.inputs));
    spent.clear();
    await timed('lesson', () => lesson(batch, asked, rulesOf(own)));
    for (const [name, seconds] of spent) note(name, seconds);
    await timed('step of MuDuo', () => together.step.run(together.inputs));
  }
  const fastest = (name: string) => Math.min(...(times.get(name) ?? []));
  const embedding = fastest('ct encoder') + fastest('pet encoder');
  const iteration = fastest('lesson') + fastest('step of MuDuo');
  const rest = (iteration - embedding) / fastest('supervised step');
  for (const name of times.keys()) yield { name: `${subject}: ${name}`, value: fastest(name), unit: 's' };
  yield {
    name: `${subject}: iteration without embeddings, by supervised steps`,
    value: rest,
    unit: '×',
    note: `embeddings ${embedding.toFixed(2)} s more`,
  };
  for (const session of sessions) await session.release();
  for (const { step } of [alone, together]) await step.close();
}

function noise(dims: readonly number[]): Tensor<Float32Array> {
  const stream = random(5);
  return tensor(
    dims,
    Float32Array.from({ length: sizeOf(dims) }, () => stream.normal()),
  );
}

/** Seconds that this process has had of the processor. */
function processor(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
