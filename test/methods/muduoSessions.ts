/** MuDuo's networks at work on one CPU thread, for tests: what they are asked and answer is kept. */
import { encodeModel } from '../../src/main/engine/onnx';
import { Session } from '../../src/main/engine/session';
import type { Tensor } from '../../src/main/engine/tensor';
import type { Load, Weights } from '../../src/main/methods/course';
import { type MuduoNetworks, putToWork } from '../../src/main/methods/muduo/atWork';
import type { Asked } from '../../src/main/methods/muduo/pseudoLabels';
import type { Rules } from '../../src/main/methods/muduo/rules';
import { intended, muduoDefaults, released } from '../../src/shared/methods';

export const asIntended: Rules = { ...intended, clicks: muduoDefaults.clicks, filter: muduoDefaults.filter };
export const asReleased: Rules = { ...asIntended, ...released };

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
export async function openSessions(networks: Omit<MuduoNetworks, 'form'>, rules: Rules, theta: () => Weights): Promise<Sessions> {
  const open: Session[] = [];
  const answers = new Map<string, Answers[]>();
  const questions = new Map<string, Answers[]>();
  const load: Load = async (name, model) => {
    const session = await Session.create(encodeModel(model), { device: 'cpu', threads: 1 });
    open.push(session);
    const [given, taken]: Answers[][] = [[], []];
    answers.set(name, given);
    questions.set(name, taken);
    return {
      async run(feeds) {
        const results = await session.run(feeds);
        given.push(results);
        taken.push({ ...feeds });
        return results;
      },
    };
  };
  return {
    asked: await putToWork({ ...networks, form: 'cpu' }, rules, theta, load),
    answers,
    questions,
    release: async () => {
      for (const session of open) await session.release();
    },
  };
}
