/** MuDuo as a run takes it: every step a lesson from the teachers, and what came of it for curves and ledger. */
import type { MuduoSettings } from '../../../shared/methods';
import { random } from '../../../shared/random';
import { sizeOf, type Tensor } from '../../engine/tensor';
import type { StepPlan } from '../../engine/trainStep';
import { type Course, type Lesson, nothingBeside, type Opinion, type UnlabelledPatches, unlabelledOf } from '../course';
import type { SupervisedSettings } from '../supervised';
import { absent } from './consensus';
import { drawAlphas, lesson } from './lesson';
import { muduo } from './muduo';
import { type Asked, type Crops, opinions, type PseudoLabels } from './pseudoLabels';
import { type Rules, rulesOf } from './rules';

export interface MuduoParts {
  plan: StepPlan;
  asked: Asked;
  structures: number;
  seed: number;
  /** Which of the student's channels the generator sees. */
  petChannel: number;
}
type Settings = SupervisedSettings & { steps: number; muduo: MuduoSettings };

export function muduoCourse({ plan, asked, structures, seed, petChannel }: MuduoParts, settings: Settings): Course {
  const { muduo: own, ...common } = settings;
  const rules = rulesOf(own);
  return {
    plan,
    schedule: (t) => muduo.schedule(t, { ...common, ...own }),
    beside: nothingBeside,
    async lesson(patches, t) {
      const unlabelled = unlabelledOf(patches);
      const { cases } = unlabelled;
      const alphas = drawAlphas(random(seed).fork(`shares ${t}`), cases.length, structures);
      const { inputs, learned } = await lesson(
        { labelled: patches.labelled, unlabelled: cropsOf(unlabelled, { asked, petChannel }), alphas },
        asked,
        rules,
      );
      return { inputs, ...told(learned, cases, Boolean(asked.ct && asked.pet)) };
    },
    opinions: opinionsBy({ asked, petChannel }, rules),
  };
}

/** What MuDuo's networks say of patches, whether a run goes on or not. */
export const opinionsBy =
  (who: Pick<MuduoParts, 'asked' | 'petChannel'>, rules: Rules) =>
  (patches: UnlabelledPatches, about: readonly (readonly number[])[]): AsyncIterable<Opinion> =>
    opinions(cropsOf(patches, who), who.asked, rules, about);

function cropsOf({ student, plain, views }: UnlabelledPatches, { asked, petChannel }: Pick<MuduoParts, 'asked' | 'petChannel'>): Crops {
  // The teachers were named in the order CT, PET.
  const [ct, pet] = asked.ct ? [views[0], views[1] ?? null] : [null, views[0]];
  return { student, generator: asked.pet && channelOf(plain, petChannel), ct, pet };
}

/** What came of a lesson: the mean agreement where there was one, the share of structures that count, and each of them. */
function told({ overlaps, trust }: PseudoLabels, cases: readonly number[], isAgreed: boolean): Pick<Lesson, 'reports' | 'pseudoLabels'> {
  const pseudoLabels = overlaps.flatMap((ofCrop, crop) =>
    ofCrop.map((overlap, c) => ({
      patch: crop,
      case: cases[crop],
      structure: c + 1,
      agreement: isAgreed && overlap !== absent ? overlap : null,
      weight: trust.data[crop * ofCrop.length + c],
    })),
  );
  const agreements = pseudoLabels.flatMap(({ agreement }) => (agreement === null ? [] : [agreement]));
  const kept = pseudoLabels.filter(({ weight }) => weight > 0).length / pseudoLabels.length;
  const agreement = agreements.reduce((sum, value) => sum + value, 0) / agreements.length;
  return { pseudoLabels, reports: agreements.length > 0 ? { agreement, kept } : { kept } };
}

/** One channel of every sample, [N, 1, …]. */
function channelOf({ dims: [count, channels, ...sides], data }: Tensor<Float32Array>, channel: number): Tensor<Float32Array> {
  const voxels = sizeOf(sides);
  const only = new Float32Array(count * voxels);
  for (let n = 0; n < count; n++) {
    const from = (n * channels + channel) * voxels;
    only.set(data.subarray(from, from + voxels), n * voxels);
  }
  return { dims: [count, 1, ...sides], data: only };
}
