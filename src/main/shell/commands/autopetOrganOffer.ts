/** What a project of AutoPET-Organ can be trained by on this machine: every configuration with its forecast, or why it cannot be. */
import { type AutopetOrganConfiguration, autopetOrganConfigurations } from '../../../shared/autopetOrgan';
import { AppError } from '../../../shared/errors';
import { latticeOf, type MuduoChoices } from '../../../shared/methods';
import type { CommonSettings, Forecast, TrainSettings } from '../../../shared/runs';
import type { Teacher } from '../../../shared/teachers';
import { inWords } from '../launch/progressBar.mjs';
import { table } from './print';
import type { Session } from './session';

/** Who is asked, and what a person sets otherwise than the configuration does. */
export interface Wishes {
  teachers: { ct: Teacher | null; pet: Teacher | null };
  choices: MuduoChoices;
  generatorSteps: number | undefined;
  given: Partial<CommonSettings>;
  /** The longest a training may take. */
  days: number;
}

export interface Offer {
  configuration: AutopetOrganConfiguration;
  settings: TrainSettings;
  /** Null where a run of these settings would be refused, and then why. */
  forecast: Forecast | null;
  refusal: AppError | null;
  here: 'fits' | 'too large' | 'too long' | 'refused';
}

/** MuDuo where both teachers are there, else labels alone. */
export const isMuduo = ({ teachers }: Pick<Wishes, 'teachers'>): boolean => teachers.ct !== null && teachers.pet !== null;

/** Settings of a run by a configuration; what was given on the command line counts most. */
export function settingsBy(
  { name, followsTeachers, common, muduo }: AutopetOrganConfiguration,
  { teachers, choices, generatorSteps, given }: Wishes,
): TrainSettings {
  const { ct, pet } = teachers;
  const lattice = followsTeachers && ct && pet ? latticeOf(ct) : null;
  const settings = { device: 'auto' as const, ...common, ...lattice, name: `AutoPET-Organ, ${name}`, ...given };
  if (!ct || !pet) return { ...settings, method: 'supervised' };
  const own = { ...muduo, choices, generatorSteps: generatorSteps ?? muduo.generatorSteps };
  return { ...settings, method: 'muduo', muduo: { ...own, teachers: { ct: ct.id, pet: pet.id } } };
}

/** Forecasts a configuration. What is wrong with its settings is its refusal. */
export async function offerOf({ workbench }: Session, configuration: AutopetOrganConfiguration, wishes: Wishes): Promise<Offer> {
  const settings = settingsBy(configuration, wishes);
  try {
    const forecast = await workbench.ask('runs.forecast', { settings });
    return { configuration, settings, forecast, refusal: null, here: judged(forecast, wishes.days) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { configuration, settings, forecast: null, refusal: error, here: 'refused' };
  }
}

/** What fits the memory may still outlast a person's patience. */
export const judged = ({ fits, totalSeconds }: Forecast, days: number): Offer['here'] =>
  !fits ? 'too large' : totalSeconds > days * secondsADay ? 'too long' : 'fits';
const secondsADay = 86_400;

/** One after another: a forecast times real steps, which must not disturb each other. */
export async function allOffers(session: Session, wishes: Wishes): Promise<Offer[]> {
  const offers: Offer[] = [];
  for (const configuration of autopetOrganConfigurations) offers.push(await offerOf(session, configuration, wishes));
  return offers;
}

export const fitting = (offers: readonly Offer[]): Offer[] => offers.filter(({ here }) => here === 'fits');

/** The configurations with what they cost here, and below it a sentence for each that cannot be had. */
export function offersTable(offers: readonly Offer[]): string {
  const rows = table(offers, [
    { title: 'configuration', value: ({ configuration }) => configuration.name },
    { title: 'patch', value: ({ settings }) => settings.patch.join('×') },
    { title: 'voxel', value: ({ settings }) => `${settings.spacingMm[0]} mm` },
    { title: 'patches a step', value: patchesAStep },
    { title: 'width', value: ({ settings }) => settings.width },
    { title: 'steps', value: ({ settings }) => settings.steps },
    { title: 'memory', value: ({ forecast }) => (forecast ? gigabytes(forecast.memoryBytes) : '–') },
    { title: 'time', value: ({ forecast }) => (forecast ? lasting(forecast.totalSeconds) : '–') },
    { title: 'here', value: ({ here }) => here },
    { title: 'what it is', value: ({ configuration }) => configuration.about },
  ]);
  const reasons = offers
    .filter(({ here }) => here === 'too large' || here === 'refused')
    .map(({ configuration, forecast, refusal }) => `${configuration.name}: ${forecast?.sentence ?? refusal?.message}`);
  return [rows, ...reasons].join('\n');
}

/** Why a configuration is not trained, with those that could be instead. @param all those of the machine */
export function refusalOf(
  { configuration, forecast, refusal, here }: Offer,
  all: readonly Offer[],
  { days }: Pick<Wishes, 'days'>,
): AppError {
  if (!forecast) return refusal as AppError;
  const { memoryBytes, freeBytes, totalSeconds } = forecast;
  const why =
    here === 'too long'
      ? `would take about ${lasting(totalSeconds)} here, and no more than ${days} days are allowed (--days)`
      : `needs ${gigabytes(memoryBytes)} of memory, and ${gigabytes(freeBytes)} is free here`;
  const others = fitting(all).map(
    (other) => `${other.configuration.name} (${gigabytes(other.forecast!.memoryBytes)}, about ${lasting(other.forecast!.totalSeconds)})`,
  );
  const instead = others.length === 0 ? 'None of the scaled ones fits either.' : `Choose with --configuration: ${others.join(', ')}.`;
  return new AppError('PLAN_TOO_LARGE', `The configuration ${configuration.name} ${why}. ${instead}`);
}

const patchesAStep = ({ settings }: Offer): string =>
  settings.method === 'muduo' ? `${settings.batch} + ${settings.muduo.unlabelled}` : String(settings.batch);
const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
/** Long trainings last days. */
const lasting = (seconds: number): string => (seconds < 2 * secondsADay ? inWords(seconds) : `${Math.round(seconds / secondsADay)} days`);
