/** MuDuo's networks put to work: the student as it is at the moment, the frozen generator, and the frozen teachers. */
import type { Layout } from '../../engine/trainStep';
import { inferenceGraph } from '../../networks/inference';
import type { Network } from '../../networks/network';
import type { SamSpec } from '../../networks/sam/spec';
import type { Load, Weights } from '../course';
import { predictionModel } from './muduo';
import type { Asked } from './pseudoLabels';
import type { Rules } from './rules';
import { clickedDecoderModel, maskedDecoderModel, teacherEncoderModel } from './teachers';

export interface SamTeacher {
  spec: SamSpec;
  weights: Weights;
}
/** What the PET teacher is asked with. */
export interface PetNetworks extends SamTeacher {
  generator: { network: Network; weights: Weights };
}
export interface MuduoNetworks {
  student: Network;
  /** At least one. */
  ct: SamTeacher | null;
  pet: PetNetworks | null;
  /** Sides of a crop in the order of the array. */
  patch: readonly number[];
  crops: number;
  form: Layout['form'];
}

/**
 * Structures that a decoder answers for in one run. A processor gains nothing from several at once, and a crop seldom shows all of them; a GPU
 * is best kept busy.
 */
export const structuresTogether = (structures: number, form: Layout['form']): number => (form === 'gpu' ? structures : 1);

/** Loads all that is asked. `theta` gives the student's parameters of the moment. */
export async function putToWork(networks: MuduoNetworks, rules: Rules, theta: () => Weights, load: Load): Promise<Asked> {
  const { student, ct, pet, patch, crops, form } = networks;
  const together = structuresTogether(student.classes - 1, form);
  const ctSide = ct && {
    student: await withParameters(load, 'student', predictionModel(student, patch, crops, form), theta),
    teacher: {
      encoder: await load('ct encoder', teacherEncoderModel(ct.spec, ct.weights, rules, form)),
      decoder: await load('ct', maskedDecoderModel(ct.spec, ct.weights, together, rules, form)),
      together,
    },
  };
  const petSide = pet && {
    generator: await load('generator', generatorModel(pet, [crops, pet.generator.network.inChannels, ...patch])),
    teacher: {
      encoder: await load('pet encoder', teacherEncoderModel(pet.spec, pet.weights, rules, form)),
      decoder: await load('pet', clickedDecoderModel(pet.spec, pet.weights, together, rules, form)),
      together,
    },
  };
  if (ctSide && petSide) return { ct: ctSide, pet: petSide };
  if (ctSide) return { ct: ctSide, pet: null };
  if (petSide) return { ct: null, pet: petSide };
  throw new Error('MuDuo: no teacher was given');
}

const generatorModel = ({ generator: { network, weights } }: PetNetworks, image: readonly number[]) =>
  inferenceGraph(network, weights, { image, batch: 'fixed', activation: 'none' });

async function withParameters(load: Load, name: string, model: Parameters<Load>[1], theta: () => Weights) {
  const runner = await load(name, model);
  return { run: (feeds: Parameters<typeof runner.run>[0]) => runner.run({ ...feeds, ...Object.fromEntries(theta()) }) };
}
