/** Trains a student: cases from the loader thread, steps in the session, checkpoints and validation in between. */
import { mkdir } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import type { StudentSpec } from '../../../shared/domain';
import { fail } from '../../../shared/errors';
import { random } from '../../../shared/random';
import { TrainingStep } from '../../engine/trainStep';
import { diceOf } from '../../imaging/dice';
import { supervised } from '../../methods/supervised';
import { readRun, saveRun } from '../../methods/training/checkpoint';
import { freshMemory, trainingLoop, type Validation } from '../../methods/training/loop';
import { classShares, classWeights, mirrorTable, planStudent } from '../../methods/training/plan';
import { type Prepared, prepare } from '../../methods/training/prepare';
import { initialParameters, parameterCount } from '../../networks/network';
import { describeDevice } from '../devices';
import { startLoader } from '../loader';
import { type Checkpoint, type JobCode, type Spec, Stopped } from '../protocol';
import { networkOf, openStudent, patchDims } from '../student';
import { layoutFor, memoryError } from './forecast';

/** Prepared cases may take this share of the machine's memory; the rest are prepared again when their turn comes. */
const cacheShare = 0.25;

export const train: JobCode<'train'> = async (job, context) => {
  const { settings, folder, threads, device } = job;
  if (settings.method !== 'supervised') fail('BAD_INPUT', `runs by ${settings.method} are not possible yet`);
  const resumed = job.resume ? await readRun(job.resume) : null;
  const indices = job.structures.map(({ index }) => index);
  const spec = resumed?.spec ?? (await planStudent(job.training, indices, settings));
  const network = networkOf(spec);
  const plan = supervised
    .plan(
      {
        network,
        patch: patchDims(spec),
        batch: settings.batch,
        weighted: settings.balance > 0,
      },
      settings,
    )
    .layOut(layoutFor(device, settings));
  const shares = await classShares(job.training, spec.structures);
  const start = resumed
    ? new Map([...resumed.parameters, ...resumed.slots])
    : initialParameters(network, random(settings.seed).fork('weights'));
  const planned = { settings, channels: spec.channels.length, structures: spec.structures.length, device };
  const step = await TrainingStep.open(plan, start, { device, threads }).catch((error) => {
    throw memoryError(error, plan, planned);
  });
  context.report({ kind: 'started', device: describeDevice(device, threads, job.program), spec, parameters: parameterCount(network) });

  const loader = startLoader(
    { studies: job.training, spec, mirror: mirrorTable(job.structures), settings, cacheBytes: cacheShare * totalmem() },
    settings.steps,
  );
  const began = performance.now();
  const trained = () => (resumed?.trainedSeconds ?? 0) + (performance.now() - began) / 1000;
  const slotNames = new Set(plan.slots.map(({ name }) => name));
  try {
    await mkdir(folder, { recursive: true });
    const end = await trainingLoop<Parameters<typeof step.run>[0], Checkpoint>({
      done: resumed?.step ?? 0,
      steps: settings.steps,
      memory: resumed?.memory ?? freshMemory,
      validateEvery: settings.validateEvery,
      checkpointEvery: settings.checkpointEvery,
      stopped: () => context.stopped,
      async inputs(t) {
        const { image, label } = await loader.batch(t);
        const scalars = Object.entries(supervised.schedule(t - 1, settings)).map(([name, value]) => [
          name,
          { dims: [], data: Float32Array.of(value) },
        ]);
        const masks = Object.entries(plan.inputs).flatMap(([name, { dims, keep }]) =>
          keep === undefined ? [] : [[name, { dims, data: dropoutMask(settings.seed, t, name, dims, keep) }]],
        );
        return {
          ...Object.fromEntries([...scalars, ...masks]),
          ...(settings.balance > 0 && {
            classWeights: { dims: [shares.length], data: classWeights(shares, settings.balance, t - 1, settings.steps) },
          }),
          image: { dims: plan.inputs.image.dims, data: image },
          label: { dims: plan.inputs.label.dims, data: label },
        };
      },
      async update(inputs) {
        const losses = await step.run(inputs).catch((error) => {
          throw memoryError(error, plan, planned);
        });
        await context.breathe();
        return losses;
      },
      broken: () => step.firstNotFinite(),
      validate: job.validation.length > 0 ? () => validate(job, spec, step, context) : null,
      async save(which, at, memory) {
        const state = step.state();
        const parameters = new Map([...state].filter(([name]) => !slotNames.has(name)));
        // The best weights are for use, not for resuming: no optimiser state.
        const slots = new Map(which === 'last' ? [...state].filter(([name]) => slotNames.has(name)) : []);
        const path = join(folder, `${which}.safetensors`);
        const checkpoint: Checkpoint = { step: at, path, validationDice: memory.bestDice, trainedSeconds: trained() };
        await saveRun(path, { spec, step: at, trainedSeconds: checkpoint.trainedSeconds, memory, parameters, slots });
        context.report({ kind: 'checkpoint', which, checkpoint });
        return checkpoint;
      },
      onSteps: (report) => context.report({ kind: 'steps', ...report }),
      onValidation: (at, validation) => context.report({ kind: 'validation', step: at, ...validation }),
    });
    if (end.stopped) throw new Stopped();
    return end;
  } finally {
    await loader.close();
    await step.close();
  }
};

/** Zeros and ones from a stream of its own for every step and mask, so that a resumed run drops the same activations. */
function dropoutMask(seed: number, step: number, name: string, dims: readonly number[], keep: number): Uint8Array {
  const stream = random(seed).fork(`${name} ${step}`);
  const limit = keep * 2 ** 32;
  return Uint8Array.from({ length: dims.reduce((product, n) => product * n, 1) }, () => (stream.next() < limit ? 1 : 0));
}

/** Mean Dice of the current weights over whole validation cases, on the student's own lattice. */
async function validate(
  job: Spec<'train'>,
  spec: StudentSpec,
  step: TrainingStep,
  context: { stopped: boolean; breathe(): Promise<void> },
): Promise<Validation> {
  const student = await openStudent(spec, step.parameters(), job.threads);
  const perStructure = new Map<number, number[]>();
  try {
    for (const one of job.validation) {
      const study = await prepare(one, spec);
      const voxels = await student.predict(slabsOf(study), study.grid, study.grid, () => context.breathe());
      for (const [at, index] of spec.structures.entries()) {
        const dice = diceOf(voxels, index, study.classes!, at + 1);
        if (dice !== null) perStructure.set(index, [...(perStructure.get(index) ?? []), dice]);
      }
    }
  } finally {
    await student.release();
  }
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const dice = Object.fromEntries([...perStructure].map(([index, values]) => [index, mean(values)]));
  return { dice, meanDice: mean(Object.values(dice)) };
}

const slabsOf = ({ size, outside, channels }: Prepared) => {
  const plane = size[0] * size[1];
  return { size, outside, read: (channel: number, k0: number, k1: number) => channels[channel].subarray(k0 * plane, k1 * plane) };
};
