/** `autopet-organ set-up FOLDER`: a project of the data set with its lists and labels, what it could be trained by here, and the training. */
import type { Command } from 'commander';
import { type AutopetOrganBudget, type AutopetOrganConfigurationName, autopetOrganConfigurations } from '../../../shared/autopetOrgan';
import type { Case, ImportReport } from '../../../shared/domain';
import { intended, released } from '../../../shared/methods';
import { familyFacts, type Teacher, type TeacherId } from '../../../shared/teachers';
import { allOffers, fitting, isMuduo, offerOf, offersTable, refusalOf, type Wishes } from './autopetOrganOffer';
import type { CommonOptions } from './commonOptions';
import { pathFrom, projectFolder } from './paths';
import { printJson } from './print';
import { type Session, withNewOrOpenProject } from './session';
import { teacherBrought } from './teachers';
import { trained } from './train';
import { givenSettings } from './trainOptions';
import { jobWithBar } from './withBar';

interface Options extends CommonOptions {
  labels: string;
  lists?: string;
  ctTeacher?: string;
  petTeacher?: string;
  choices: 'intended' | 'released';
  generatorSteps?: number;
  configuration: AutopetOrganConfigurationName;
  days: number;
  train?: true;
}

/** Exit code 1 if a file was refused, or the training did not come to its end. @throws what refuses the data set, or a configuration that is to be trained */
export function autopetOrganSetUp(typed: string, options: Options, command: Command): Promise<number> {
  const project = options.project === undefined ? projectFolder(undefined) : pathFrom(options.project);
  return withNewOrOpenProject(project, async (session) => {
    const report = await imported(session, typed, options);
    if (report.refused.length > 0) {
      if (options.json) printJson({ project, ...report });
      else console.log(said(report).join('\n'));
      return 1;
    }
    const wishes: Wishes = {
      teachers: await teachersOf(session, options),
      choices: options.choices === 'released' ? released : intended,
      generatorSteps: options.generatorSteps,
      given: givenSettings(command),
      days: options.days,
    };
    const cases = await session.workbench.ask('cases.list', {});
    if (!options.json) console.log([...said(report), `${project}: ${counted(cases)}`, method(wishes)].join('\n'));
    return options.train ? train(session, options, wishes) : offer(session, project, options, wishes, report);
  });
}

async function imported(session: Session, typed: string, { labels, lists }: Options): Promise<ImportReport> {
  const asked = {
    folder: pathFrom(typed),
    labels: Number(labels) as AutopetOrganBudget,
    ...(lists !== undefined && { lists: pathFrom(lists) }),
  };
  const { report } = await jobWithBar(session, 'import', 'Importing AutoPET-Organ', () =>
    session.workbench.ask('autopetOrgan.import', asked),
  );
  return report;
}

/** Every configuration with its forecast, and how to begin. */
async function offer(session: Session, project: string, { json }: Options, wishes: Wishes, report: ImportReport): Promise<number> {
  const offers = await allOffers(session, wishes);
  if (json) {
    const configurations = offers.map(({ configuration, settings, forecast, refusal, here }) => ({
      ...{ name: configuration.name, about: configuration.about, settings, forecast, here },
      refusal: refusal && { code: refusal.code, message: refusal.message },
    }));
    printJson({ project, ...report, configurations });
    return 0;
  }
  const names = fitting(offers).map(({ configuration }) => configuration.name);
  const how =
    names.length === 0
      ? 'None of them can be trained here as it is.'
      : `Train one: the same command with --train --configuration ${names.join(' or ')}`;
  console.log(`\n${offersTable(offers)}\n\n${how}`);
  return 0;
}

/** @throws PLAN_TOO_LARGE with what would fit, or why the settings are refused */
async function train(session: Session, { configuration: name, json }: Options, wishes: Wishes): Promise<number> {
  const configuration = autopetOrganConfigurations.find((one) => one.name === name)!;
  const wanted = await offerOf(session, configuration, wishes);
  if (wanted.here !== 'fits') throw refusalOf(wanted, wanted.forecast ? await allOffers(session, wishes) : [], wishes);
  if (!json) console.log(`${name}: ${wanted.forecast?.sentence}`);
  return trained(session, await session.workbench.ask('runs.start', { settings: wanted.settings }), { json });
}

/** Those that were named, else the first of the project that may be used. */
async function teachersOf(session: Session, { ctTeacher, petTeacher }: Options): Promise<Wishes['teachers']> {
  const defaults = await session.workbench.ask('runs.defaults', { method: 'muduo' });
  const usual = defaults.method === 'muduo' ? defaults.muduo.teachers : { ct: null, pet: null };
  const one = async (typed: string | undefined, id: TeacherId | null): Promise<Teacher | null> => {
    if (typed === 'none') return null;
    if (typed !== undefined) return teacherBrought(session, typed);
    return (await session.workbench.ask('teachers.list', {})).find((teacher) => teacher.id === id) ?? null;
  };
  return { ct: await one(ctTeacher, usual.ct), pet: await one(petTeacher, usual.pet) };
}

/** By what it learns, and what is missing for MuDuo. */
function method(wishes: Wishes): string {
  const { ct, pet } = wishes.teachers;
  if (isMuduo(wishes)) return `By MuDuo: ${ct?.name} is asked about CT, ${pet?.name} about PET.`;
  const missing = [...(ct ? [] : ['sam-med3d' as const]), ...(pet ? [] : ['segany-pet' as const])];
  return [
    `On labels alone, for MuDuo lacks a teacher for ${missing.map((family) => familyFacts[family].modality).join(' and one for ')}. Bring in what is missing and accept its licence, then say this again:`,
    ...missing.map((family) => `  teachers import FILE --family ${family}: ${familyFacts[family].get}`),
  ].join('\n');
}

/** What the import has to tell; that a case came in as it should is nothing to tell. */
function said({ imported, refused }: ImportReport): string[] {
  const notes = imported.flatMap(({ warnings }) => warnings).map((warning) => `Note: ${warning}`);
  return [...new Set([...notes, ...refused.map(({ sentence }) => `Refused: ${sentence}`)])];
}

function counted(cases: readonly Case[]): string {
  const of = (split: Case['split'], labelled: boolean) =>
    cases.filter((one) => one.split === split && (one.label !== null) === labelled).length;
  const withLabel = (['train', 'validation', 'test'] as const).map((split) => of(split, true));
  return `${cases.length} cases: ${withLabel[0]} train with their label and ${of('train', false)} without, ${withLabel[1]} validate, ${withLabel[2]} test.`;
}
