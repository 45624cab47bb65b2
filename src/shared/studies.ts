/** Studies: configurations, each trained from several seeds and with several budgets of labels, and compared case by case. Types only. */
import type { JobId, RunId } from './domain';
import type { MeanScores, StructureScore } from './evaluation';
import type { MeanTeacherSettings, MuduoSettings } from './methods';
import type { Estimate, PairedDifference } from './pairedDifferences';
import type { CommonSettings, TrainSettings } from './runs';
import type { TeacherId } from './teachers';

declare const brand: unique symbol;
export type StudyId = string & { readonly [brand]: 'study' };

/** What somebody wants different from the defaults; seed and budget of labels are the study's. */
export type SharedChanges = Partial<Omit<CommonSettings, 'name' | 'seed' | 'labelledCases'>>;

/** One configuration of a plan. Teachers that are not named are the project's first ones; null is nobody. */
export type PlannedConfiguration = { name: string; settings: SharedChanges } & (
  | { method: 'supervised' }
  | { method: 'meanTeacher'; meanTeacher: MeanTeacherSettings }
  | { method: 'muduo'; muduo: Omit<MuduoSettings, 'teachers'> & { teachers: { ct?: TeacherId | null; pet?: TeacherId | null } } }
);

export interface StudyPlan {
  name: string;
  /** The first one is what the others are compared with. */
  configurations: PlannedConfiguration[];
  seeds: number[];
  /** How many labelled training cases are used; null is all there are. */
  budgets: (number | null)[];
  /** Changes that all configurations share. */
  settings: SharedChanges;
}

/** A configuration with nothing left open. */
export interface StudyConfiguration {
  name: string;
  settings: TrainSettings;
}

/** `interrupted`: the program ended while it was running. Anything but done can be resumed. */
export type StudyState = 'running' | 'interrupted' | 'stopped' | 'failed' | 'done';

/** One student of a study. */
export interface StudyRun {
  /** Order in which they are trained, from 0. */
  position: number;
  /** Index among the study's configurations. */
  configuration: number;
  budget: number;
  seed: number;
  state: 'waiting' | 'training' | 'scoring' | 'done' | 'failed';
  problem: string | null;
  run: RunId | null;
}

export interface Study {
  id: StudyId;
  /** Counts from 1 within the project. */
  number: number;
  name: string;
  state: StudyState;
  /** Why it stands still, as a sentence. */
  problem: string | null;
  plan: StudyPlan;
  configurations: StudyConfiguration[];
  budgets: number[];
  runs: StudyRun[];
  createdAt: string;
  finishedAt: string | null;
  /** The job that works on it now. */
  job: JobId | null;
}

/** All students of one configuration and budget, on the test cases. */
export interface StudyGroup {
  configuration: number;
  budget: number;
  /** Over cases, of the mean over structures; null before the first student is scored. */
  dice: Estimate | null;
  /** Of that mean, by seed. */
  diceBySeed: { seed: number; dice: number }[];
  /** Structures that a student has not learned: the mean of their Dice over the cases is next to nothing. */
  neverFound: { seed: number; structure: number }[];
  /** Over structures, cases and seeds where it is defined. */
  means: Omit<MeanScores, 'volumeErrorMl'> | null;
}

/** A configuration less the first one, same budget, cases and seeds. */
export interface StudyComparison {
  configuration: number;
  budget: number;
  dice: PairedDifference | null;
  /** In mm, over the structures that both found. */
  hd95Mm: PairedDifference | null;
  /** Of Dice. */
  structures: { structure: number; dice: PairedDifference | null }[];
}

/** One student's scores on the test cases. */
export interface StudentScores {
  configuration: number;
  budget: number;
  seed: number;
  cases: { name: string; structures: StructureScore[] }[];
}

export interface StudyReport {
  study: Study;
  structures: { index: number; name: string }[];
  /** What the students that are done were trained on, as their runs say it, each once. */
  devices: string[];
  groups: StudyGroup[];
  comparisons: StudyComparison[];
}
