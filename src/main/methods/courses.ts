/** From a run's settings to its method at work. The one place that knows all methods a run may choose from. */
import type { CommonSettings, TrainSettings } from '../../shared/runs';
import type { StepPlan } from '../engine/trainStep';
import type { Network } from '../networks/network';
import { type Course, type Load, nothingBeside, unlabelledOf, type Weights } from './course';
import { meanTeacher, teacherPrefix } from './meanTeacher';
import { type MuduoNetworks, putToWork } from './muduo/atWork';
import { muduoCourse } from './muduo/course';
import { muduo } from './muduo/muduo';
import { rulesOf } from './muduo/rules';
import { supervised } from './supervised';
import { stacked } from './twoStreams';

export interface StepConfig {
  network: Network;
  /** Sides of a patch in the order of the array. */
  patch: readonly number[];
  /** Labelled patches per step. */
  labelled: number;
}

/** The step that a run by these settings takes. */
export function planFor(settings: TrainSettings, { network, patch, labelled }: StepConfig): StepPlan {
  const common = { network, patch, weighted: settings.balance > 0 };
  switch (settings.method) {
    case 'supervised':
      return supervised.plan({ ...common, batch: labelled }, settings);
    case 'meanTeacher': {
      const { meanTeacher: own } = settings;
      return meanTeacher.plan({ ...common, labelled, unlabelled: own.unlabelled }, { ...settings, ...own });
    }
    case 'muduo': {
      const { muduo: own } = settings;
      return muduo.plan({ ...common, labelled, unlabelled: own.unlabelled }, { ...settings, ...own });
    }
  }
}

/** Learning from labels alone: also how the prompt generator is trained. */
export const supervisedCourse = (plan: StepPlan, settings: CommonSettings): Course => ({
  plan,
  schedule: (t) => supervised.schedule(t, settings),
  beside: nothingBeside,
  lesson: ({ labelled }) => ({ inputs: { ...labelled } }),
});

/** Whom a method may ask, and how they are put to work. */
export interface Company {
  /** For MuDuo: its frozen networks, and which of the student's channels the generator sees. */
  muduo: (Pick<MuduoNetworks, 'ct' | 'pet' | 'form'> & { petChannel: number }) | null;
  /** The student's parameters of the moment. */
  theta(): Weights;
  load: Load;
}

/** The method of a run at work. `plan` is what `planFor` gave, laid out for the device. */
export async function courseFor(
  settings: TrainSettings,
  { network, patch }: StepConfig,
  plan: StepPlan,
  { muduo: asked, theta, load }: Company,
): Promise<Course> {
  switch (settings.method) {
    case 'supervised':
      return supervisedCourse(plan, settings);
    case 'meanTeacher':
      return {
        plan,
        schedule: (t) => meanTeacher.schedule(t, { ...settings, ...settings.meanTeacher }),
        beside: (student) => new Map([...student].map(([name, weight]) => [teacherPrefix + name, weight])),
        lesson(patches) {
          const { labelled } = patches;
          const { student, plain } = unlabelledOf(patches);
          return { inputs: { image: stacked(labelled.image, student), label: labelled.label, view: plain } };
        },
      };
    case 'muduo': {
      if (!asked) throw new Error('MuDuo: its teachers are missing');
      const networks = { ...asked, student: network, patch, crops: settings.muduo.unlabelled };
      const parts = { plan, structures: network.classes - 1, seed: settings.seed, petChannel: asked.petChannel };
      return muduoCourse({ ...parts, asked: await putToWork(networks, rulesOf(settings.muduo), theta, load) }, settings);
    }
  }
}
