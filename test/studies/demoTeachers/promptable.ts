/** The course of a teacher that is prompted. */
import type { AssortedBody } from '../../../src/main/imaging/phantom/assorted';
import { type PracticeSettings, practice } from '../../../src/main/methods/practice/practice';
import { practiceRounds, type Scene } from '../../../src/main/methods/practice/rounds';
import { practiceStart } from '../../../src/main/methods/practice/start';
import { type Random, random } from '../../../src/shared/random';
import type { PracticeRecipe } from './recipes';
import { sightOf } from './sight';
import { sliceScene } from './sliceScenes';
import type { Course } from './train';
import { volumeScene } from './volumeScenes';

/** @param own settings besides the recipe's steps and rate */
export function prompted(
  { config, steps, rate, rounds, seed, sees, metadata }: PracticeRecipe,
  own: Partial<PracticeSettings> = {},
): Course {
  const settings = { ...practice.defaults, rate, steps, ...own };
  const side = config.spec.imageSide;
  const sight = sees === 'slices of both' ? null : sightOf(metadata, sees, metadata['understudy.name']);
  const draw = (bodies: readonly AssortedBody[]) => (stream: Random) =>
    sight ? volumeScene(bodies, sight, side, stream) : sliceScene(bodies, side, stream);
  return {
    steps,
    plan: practice.plan(config, settings),
    start: (bodies) => practiceStart(config.spec, random(seed), intensitiesOf(draw(bodies), random(seed).fork('intensities'))),
    scalars: (t) => practice.schedule(t, settings),
    lessons: (begun, bodies) => practiceRounds(config, rounds, seed * 1_000_003 + begun, draw(bodies)),
    finished: (parameters) => new Map([...parameters].map(([name, { dims, data }]) => [name, { dims, data: data.slice() }])),
  };
}

/** One voxel of every object of some scenes. */
function intensitiesOf(draw: (stream: Random) => Scene, stream: Random): number[] {
  const scenes = Array.from({ length: 100 }, () => draw(stream));
  return scenes.flatMap(({ image, objects }) =>
    objects.map((object) => {
      const places = [...object.keys()].filter((at) => object[at] === 1);
      return image[places[stream.integer(places.length)]];
    }),
  );
}
