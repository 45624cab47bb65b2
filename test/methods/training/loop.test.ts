import { describe, expect, test } from 'vitest';
import { freshMemory, type LoopMemory, type LoopParts, trainingLoop } from '../../../src/main/methods/training/loop';

/** A loop over nothing: the loss of step t is 1/t, validation Dice follows the given list. */
function parts(overrides: Partial<LoopParts<number, number, string>> = {}) {
  const heard = { losses: [] as number[], validated: [] as number[], saved: [] as string[] };
  const dices = [0.2, 0.5, 0.4];
  const all: LoopParts<number, number, string> = {
    trained: 'student',
    done: 0,
    steps: 30,
    memory: freshMemory,
    validateEvery: 10,
    checkpointEvery: 8,
    inputs: async (step) => step,
    lesson: (step) => step,
    update: async (step) => ({ loss: 1 / step }),
    validate: async () => ({ meanDice: dices[heard.validated.length], dice: {} }),
    save: async (which, step) => {
      heard.saved.push(`${which} ${step}`);
      return `${which} ${step}`;
    },
    broken: () => null,
    stopped: () => false,
    onSteps: ({ losses }) => heard.losses.push(losses.loss),
    onValidation: (step) => heard.validated.push(step),
    ...overrides,
  };
  return { all, heard };
}

describe('the training loop', () => {
  test('keeps the checkpoint with the best validation Dice and the last one', async () => {
    const { all, heard } = parts();
    expect(await trainingLoop(all)).toEqual({ step: 30, last: 'last 30', best: 'best 20', stopped: false });
    expect(heard.saved).toEqual(['last 8', 'best 10', 'last 16', 'best 20', 'last 24', 'last 30']);
  });

  test('a stopped run saves where it stands', async () => {
    let step = 0;
    const update = async (at: number) => {
      step = at;
      return { loss: at };
    };
    const { all } = parts({ update, stopped: () => step >= 13 });
    expect(await trainingLoop(all)).toMatchObject({ step: 13, last: 'last 13', stopped: true });
  });

  test('a run stopped between two reports and resumed gives the curve of one that never stopped', async () => {
    const whole = parts({ steps: 2000, validate: null });
    await trainingLoop(whole.all);

    let memory: LoopMemory | null = null;
    let at = 0;
    const first = parts({
      steps: 2000,
      validate: null,
      inputs: async (step) => {
        at = step;
        return step;
      },
      stopped: () => at >= 1013,
      save: async (_which, _step, kept) => {
        memory = structuredClone(kept);
        return '';
      },
    });
    const { step: done } = await trainingLoop(first.all);
    const second = parts({ steps: 2000, validate: null, done, memory: memory! });
    await trainingLoop(second.all);
    expect(done).toBe(1013);
    expect([...first.heard.losses, ...second.heard.losses]).toEqual(whole.heard.losses);
  });

  test('a loss that is not finite ends the run before those weights are saved, and the terms at fault are named', async () => {
    const losses = (step: number, dice: number, distance: number): Record<string, number> =>
      step === 12 ? { loss: dice + distance, dice, distance } : { loss: 1 };
    for (const [dice, distance, named] of [
      [Number.NaN, 1, '(dice was not a number)'],
      [Number.NEGATIVE_INFINITY, Number.NaN, '(dice was -Infinity, distance was not a number)'],
      [Number.MAX_VALUE, Number.MAX_VALUE, '(loss was Infinity)'],
    ] as const) {
      const { all, heard } = parts({ update: async (step) => losses(step, dice, distance) });
      await expect(trainingLoop(all)).rejects.toThrow(`At step 12 the loss was no finite number any more ${named}`);
      expect(heard.saved).toEqual(['last 8', 'best 10']);
    }
  });

  test('weights that are not finite are never saved, whatever the loss says', async () => {
    let step = 0;
    const update = async (at: number) => {
      step = at;
      return { loss: 1 };
    };
    const { all, heard } = parts({ update, broken: () => (step >= 15 ? 'final.weight' : null) });
    await expect(trainingLoop(all)).rejects.toMatchObject({
      code: 'WEIGHTS_NOT_FINITE',
      message: expect.stringContaining('Step 16 left final.weight'),
    });
    expect(heard.saved).toEqual(['last 8', 'best 10']);
  });
});
