/** What a method is: settings, numbers that follow a schedule, and one training step as a graph. No files, no database, no device. */
import type { StepPlan } from '../engine/trainStep';

/** `Settings` are fixed for a run; `Config` is what the graph's shapes need to know. */
export interface Method<Settings, Config> {
  name: string;
  defaults: Settings;
  /** Scalars fed at step t (from 0), by input name. */
  schedule(t: number, settings: Settings & { steps: number }): Record<string, number>;
  plan(config: Config, settings: Settings): StepPlan;
}

export const defineMethod = <Settings, Config>(method: Method<Settings, Config>): Method<Settings, Config> => method;
