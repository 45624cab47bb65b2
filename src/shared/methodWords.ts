/** What a run's method was told, in words for people. */
import { intended, type MethodName, type MuduoChoices, type MuduoFilter, released, type Unlabelled } from './methods';
import type { TrainSettings } from './runs';
import type { TeacherId } from './teachers';

export const methodTitles: Record<MethodName, string> = {
  supervised: 'Supervised',
  meanTeacher: 'Mean teacher',
  muduo: 'MuDuo',
};

/** One sentence per method: what the student learns from. */
export const methodSentences: Record<MethodName, string> = {
  supervised: 'Learns from labels alone, by cross-entropy and Dice.',
  meanTeacher: 'Also learns, on cases without a label, to agree with its own running average.',
  muduo: 'Also learns, on cases without a label, what a CT teacher and a PET teacher agree on.',
};

export const filterInWords = (filter: MuduoFilter): string => {
  if (filter === 'betterHalf') return 'the better half';
  return filter === 'none' ? 'all of them' : `agreement of at least ${filter.agreementAtLeast}`;
};

/** The switches as a whole where they are one of the two sets, else what differs from what was intended. */
export function choicesInWords(choices: MuduoChoices): string {
  if (isSame(choices, intended)) return 'as intended';
  if (isSame(choices, released)) return 'as released';
  const keys = Object.keys(intended) as (keyof MuduoChoices)[];
  return `as intended, but ${keys.flatMap((key) => (choices[key] === intended[key] ? [] : [`${key} ${choices[key]}`])).join(', ')}`;
}
const isSame = (a: MuduoChoices, b: MuduoChoices) => (Object.keys(a) as (keyof MuduoChoices)[]).every((key) => a[key] === b[key]);

/** Everything a method was told beyond what all are, label and value. @param nameOf what people call a teacher */
export function methodFacts(settings: TrainSettings, nameOf: (teacher: TeacherId) => string): [label: string, value: string][] {
  switch (settings.method) {
    case 'supervised':
      return [];
    case 'meanTeacher': {
      const { decay, ...own } = settings.meanTeacher;
      return [...unlabelledFacts(own), ['Average kept per step', String(decay)]];
    }
    case 'muduo': {
      const { teachers, clicks, filter, generatorSteps, moments, choices, ...own } = settings.muduo;
      const named = (id: TeacherId | null) => (id === null ? 'nobody' : nameOf(id));
      return [
        ['CT teacher', named(teachers.ct)],
        ['PET teacher', named(teachers.pet)],
        ...unlabelledFacts(own),
        ['Learned of the teachers’ masks', filterInWords(filter)],
        ['Clicks per structure', String(clicks)],
        ['Steps of the prompt generator', String(generatorSteps)],
        ['Moments kept', String(moments ?? 0)], // runs of earlier versions kept none
        ['Choices', choicesInWords(choices)],
      ];
    }
  }
}

const unlabelledFacts = ({ unlabelled, consistency, begins, ramp }: Unlabelled): [string, string][] => [
  ['Unlabelled patches per step', String(unlabelled)],
  ['Weight of agreement', String(consistency)],
  ['Share of the run before they join', String(begins ?? 0)], // in runs of earlier versions they were there at once
  ['Share of the rest it climbs over', String(ramp)],
];
