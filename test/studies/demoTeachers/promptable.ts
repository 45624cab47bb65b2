/** The course of a teacher that is prompted. */
import { practice } from '../../../src/main/methods/practice/practice';
import { practiceRounds } from '../../../src/main/methods/practice/rounds';
import { practiceStart } from '../../../src/main/methods/practice/start';
import { random } from '../../../src/shared/random';
import type { PracticeRecipe } from './recipes';
import { sliceScene } from './sliceScenes';
import type { Course } from './train';
import { volumeScene } from './volumeScenes';

export function prompted({ config, steps, rate, rounds, seed, sees }: PracticeRecipe): Course {
  const settings = { ...practice.defaults, rate, steps };
  const side = config.spec.imageSide;
  return {
    plan: practice.plan(config, settings),
    start: () => practiceStart(config.spec, random(seed)),
    scalars: (t) => practice.schedule(t, settings),
    lessons: (begun, bodies) =>
      practiceRounds(config, rounds, seed * 1_000_003 + begun, (stream) =>
        sees === 'slices of both' ? sliceScene(bodies, side, stream) : volumeScene(bodies, sees, side, stream),
      ),
    finished: (parameters) => new Map([...parameters].map(([name, { dims, data }]) => [name, { dims, data: data.slice() }])),
  };
}
