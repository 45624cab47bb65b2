/** MuDuo's networks at work on one CPU thread, for tests. */
import { encodeModel, type Model } from '../../src/main/engine/onnx';
import { Session } from '../../src/main/engine/session';
import type { Tensor } from '../../src/main/engine/tensor';
import type { MuduoChoices } from '../../src/main/methods/muduo/choices';
import { predictionModel } from '../../src/main/methods/muduo/muduo';
import type { Asked } from '../../src/main/methods/muduo/pseudoLabels';
import { clickedDecoderModel, maskedDecoderModel, teacherEncoderModel } from '../../src/main/methods/muduo/teachers';
import { inferenceGraph } from '../../src/main/networks/inference';
import type { Network } from '../../src/main/networks/network';
import type { SamSpec } from '../../src/main/networks/sam/spec';

type Weights = ReadonlyMap<string, Tensor>;
export interface Networks {
  student: Network;
  generator: { network: Network; weights: Weights };
  teachers: { spec: SamSpec; ct: Weights; pet: Weights };
  crops: number;
  choices: MuduoChoices;
}
export type Answers = Record<string, Tensor>;
export interface Sessions {
  asked: Asked;
  /** Everything the sessions answered, under the name of who answered, oldest first. */
  answers: Map<string, Answers[]>;
  /** What they were asked. */
  questions: Map<string, Answers[]>;
  release(): Promise<void>;
}

/** Opens all sessions; `theta` gives the student's parameters of the moment. */
export async function openSessions({ student, generator, teachers, crops, choices }: Networks, theta: () => Weights): Promise<Sessions> {
  const { spec, ct, pet } = teachers;
  const patch = [0, 1, 2].map(() => spec.imageSide);
  const structures = student.classes - 1;
  const open: Session[] = [];
  const answers = new Map<string, Answers[]>();
  const questions = new Map<string, Answers[]>();
  async function runner(name: string, model: Model, more: () => Weights = () => new Map()) {
    const session = await Session.create(encodeModel(model), { device: 'cpu', threads: 1 });
    open.push(session);
    const [given, taken]: Answers[][] = [[], []];
    answers.set(name, given);
    questions.set(name, taken);
    return {
      async run(feeds: Readonly<Record<string, Tensor>>) {
        const results = await session.run({ ...feeds, ...Object.fromEntries(more()) });
        given.push(results);
        taken.push({ ...feeds });
        return results;
      },
    };
  }
  const image = [crops, generator.network.inChannels, ...patch];
  const asked: Asked = {
    student: await runner('student', predictionModel(student, patch, crops), theta),
    generator: await runner(
      'generator',
      inferenceGraph(generator.network, generator.weights, { image, batch: 'fixed', activation: 'none' }),
    ),
    ct: {
      encoder: await runner('ct encoder', teacherEncoderModel(spec, ct, choices)),
      decoder: await runner('ct', maskedDecoderModel(spec, ct, structures, choices)),
    },
    pet: {
      encoder: await runner('pet encoder', teacherEncoderModel(spec, pet, choices)),
      decoder: await runner('pet', clickedDecoderModel(spec, pet, structures, choices)),
    },
  };
  return {
    asked,
    answers,
    questions,
    release: async () => {
      for (const session of open) await session.release();
    },
  };
}
