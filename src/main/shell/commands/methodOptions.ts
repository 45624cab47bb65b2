/** The method of a run and what it alone takes, as options of `train`; the ranges are the contract's. */
import { type Command, InvalidArgumentError } from 'commander';
import { fail } from '../../../shared/errors';
import { intended, latticeOf, type MethodName, type MuduoChoices, type MuduoFilter, methods, released } from '../../../shared/methods';
import type { TrainSettings } from '../../../shared/runs';
import type { TeacherId } from '../../../shared/teachers';
import type { Session } from './session';
import { teacherCalled } from './teachers';
import { addTrainOptions, givenSettings, number } from './trainOptions';

function methodName(typed: string): MethodName {
  const name = methods.find((known) => known.toLowerCase() === typed.replaceAll('-', '').toLowerCase());
  if (!name) throw new InvalidArgumentError(`It should be one of ${methods.join(', ')}.`);
  return name;
}
function filter(typed: string): MuduoFilter {
  if (typed === 'none') return 'none';
  return /^better-?half$/i.test(typed) ? 'betterHalf' : { agreementAtLeast: number(typed) };
}
function choices(typed: string): MuduoChoices {
  if (typed !== 'intended' && typed !== 'released') throw new InvalidArgumentError('It should be intended or released.');
  return typed === 'intended' ? intended : released;
}

type Parse = (typed: string) => unknown;
/** Flag, how its text is read, what it means, and which methods take it. */
const rows: Record<string, [flags: string, parse: Parse, meaning: string, takenBy: MethodName[]]> = {
  unlabelled: ['--unlabelled <n>', number, 'unlabelled patches per step, beside the batch (1…32)', ['meanTeacher', 'muduo']],
  consistency: ['--consistency <x>', number, 'what agreement on them weighs once it has climbed', ['meanTeacher', 'muduo']],
  begins: ['--begins <x>', number, 'share of the run before unlabelled patches join (0…0.99)', ['meanTeacher', 'muduo']],
  ramp: ['--ramp <x>', number, 'share of the rest over which that weight climbs (0…1)', ['meanTeacher', 'muduo']],
  decay: ['--decay <x>', number, 'how much of the student’s running average is kept at each step (0…0.9999)', ['meanTeacher']],
  ctTeacher: ['--ct-teacher <teacher>', String, 'the teacher asked about CT, or none', ['muduo']],
  petTeacher: ['--pet-teacher <teacher>', String, 'the teacher asked about PET, or none', ['muduo']],
  clicks: ['--clicks <n>', number, 'clicks per structure for the PET teacher (1…32)', ['muduo']],
  filter: ['--filter <which>', filter, 'which of the teachers’ masks count: better-half, none, or the least agreement (0…1)', ['muduo']],
  generatorSteps: ['--generator-steps <n>', number, 'steps that the prompt generator is trained for first', ['muduo']],
  moments: [
    '--moments <n>',
    number,
    'how often unlabelled cases are looked at, to show how student and teachers saw them (0…20)',
    ['muduo'],
  ],
  choices: ['--choices <set>', choices, 'what MuDuo’s code leaves open: intended, or as released', ['muduo']],
};

/** All that a run may be told. */
export function addRunOptions(command: Command): Command {
  command.option('--method <name>', 'supervised, mean-teacher or muduo', methodName);
  for (const [flags, parse, meaning] of Object.values(rows)) command.option(flags, meaning, parse);
  return addTrainOptions(command);
}

/**
 * Settings of the run a command line asks for, laid over the defaults of its method.
 * @throws BAD_INPUT for what another method takes, NOT_FOUND for a teacher
 */
export async function settingsFrom(session: Session, command: Command): Promise<TrainSettings> {
  const method = (command.getOptionValue('method') as MethodName | undefined) ?? 'supervised';
  const common = givenSettings(command);
  const given = Object.keys(rows).filter((name) => command.getOptionValueSource(name) === 'cli');
  const odd = given.find((name) => !rows[name][3].includes(method));
  if (odd) fail('BAD_INPUT', `${rows[odd][0].split(' ')[0]} goes with --method ${rows[odd][3].join(' or ')}`);
  const { ctTeacher, petTeacher, ...own } = Object.fromEntries(given.map((name) => [name, command.getOptionValue(name) as unknown]));
  const defaults = await session.workbench.ask('runs.defaults', { method });
  switch (defaults.method) {
    case 'supervised':
      return { ...defaults, ...common };
    case 'meanTeacher':
      return { ...defaults, ...common, meanTeacher: { ...defaults.meanTeacher, ...own } };
    case 'muduo': {
      const teachers = { ...defaults.muduo.teachers };
      let lattice = {};
      for (const [side, typed] of [
        ['pet', petTeacher],
        ['ct', ctTeacher],
      ] as const) {
        if (typed === undefined) continue;
        const teacher = typed === 'none' ? null : await teacherCalled(session, typed as string);
        teachers[side] = teacher?.id ?? (null as TeacherId | null);
        lattice = (teacher && latticeOf(teacher)) ?? lattice;
      }
      return { ...defaults, ...lattice, ...common, muduo: { ...defaults.muduo, ...own, teachers } };
    }
  }
}
