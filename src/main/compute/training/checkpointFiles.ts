/** The checkpoints of a stage: the network's own parameters under their names, everything else apart; and what is told of them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { StudentSpec } from '../../../shared/domain';
import type { TrainingStep } from '../../engine/trainStep';
import { readRun, type SavedRun, saveRun } from '../../methods/training/checkpoint';
import type { LoopMemory } from '../../methods/training/loop';
import type { Network } from '../../networks/network';
import type { Checkpoint, Stretch, TrainingStage } from '../jobData';
import type { JobContext } from '../protocol';

export interface Saving {
  name: TrainingStage;
  network: Network;
  spec: StudentSpec;
  step: TrainingStep;
  folder: string;
  /** Name of the file that a stage goes on from. */
  file: string;
  resumed: SavedRun | null;
  secondsBefore: number;
}

export function checkpointFiles(saving: Saving, talk: JobContext<'train'>) {
  const { name, network, spec, step, folder, file, resumed, secondsBefore } = saving;
  const began = performance.now();
  const own = new Set(network.parameters.map((parameter) => parameter.name));
  const paths = { last: join(folder, file), best: join(folder, 'best.safetensors') };
  const told = { last: name === 'generator' ? 'generator' : 'last', best: 'best' } as const;
  const tell = (which: 'last' | 'best', saved: Pick<SavedRun, 'step' | 'memory' | 'trainedSeconds'>): Checkpoint => {
    const { step: at, memory, trainedSeconds } = saved;
    const checkpoint = { step: at, path: paths[which], validationDice: memory.bestDice, trainedSeconds };
    talk.report({ kind: 'checkpoint', which: told[which], checkpoint });
    return checkpoint;
  };

  return {
    async save(which: 'last' | 'best', at: number, memory: LoopMemory): Promise<Checkpoint> {
      const state = [...step.state()];
      const trainedSeconds = (resumed?.trainedSeconds ?? secondsBefore) + (performance.now() - began) / 1000;
      const parameters = new Map(state.filter(([key]) => own.has(key)));
      // The best weights are for use, not for resuming: no state of the optimiser.
      const slots = new Map(which === 'last' ? state.filter(([key]) => !own.has(key)) : []);
      await saveRun(paths[which], { spec, step: at, trainedSeconds, memory, parameters, slots });
      return tell(which, { step: at, memory, trainedSeconds });
    },
    /** A process that was killed may have saved what it did not live to tell. What was heard already is not changed by hearing it again. */
    async recall(saved: SavedRun): Promise<void> {
      const { stretches, validations } = saved.memory.recent;
      talk.report({
        kind: 'recalled',
        stretches: stretches.map((stretch) => inCurves(name, stretch)),
        validations: validations.map(({ step: at, validation }) => ({ step: at, ...validation })),
      });
      tell('last', saved);
      if (saved.memory.bestDice !== null && existsSync(paths.best)) tell('best', await readRun(paths.best));
    },
  };
}

/** A generator's curves have names of their own, and none of its rate. */
export function inCurves(stage: TrainingStage, stretch: Stretch): Stretch {
  if (stage === 'student') return stretch;
  const { rate: _falls, ...terms } = stretch.losses;
  return { ...stretch, losses: Object.fromEntries(Object.entries(terms).map(([term, value]) => [`generator/${term}`, value])) };
}
