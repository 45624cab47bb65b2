/** Where the time of a run goes: on steps of what is trained, asking teachers, waiting for batches, validating, looking at cases, saving. */

export const phases = ['training', 'teachers', 'waiting', 'validating', 'looking', 'saving'] as const;
export type Phase = (typeof phases)[number];

export interface Stopwatch {
  /** Does the work and counts its time. */
  time<R>(phase: Phase, work: () => Promise<R>): Promise<R>;
  /** Everything so far, validation and saving included, spread over what is left. */
  secondsLeft(done: number, left: number): number;
  /** The share of each phase in words, such as `student 91 % · waiting 9 %`; what rounds to nothing is left out. */
  busy(): string;
}

/** @param trained what steps are told as */
export function stopwatch(trained: string, now = () => performance.now()): Stopwatch {
  const spent = Object.fromEntries(phases.map((phase) => [phase, 0])) as Record<Phase, number>;
  const total = () => phases.reduce((sum, phase) => sum + spent[phase], 0);
  return {
    async time(phase, work) {
      const start = now();
      try {
        return await work();
      } finally {
        spent[phase] += now() - start;
      }
    },
    secondsLeft: (done, left) => (total() / done / 1000) * left,
    busy: () =>
      phases
        .map((phase) => [phase, Math.round((100 * spent[phase]) / (total() || 1))] as const)
        .filter(([, share]) => share > 0)
        .map(([phase, share]) => `${phase === 'training' ? trained : phase} ${share} %`)
        .join(' · '),
  };
}
