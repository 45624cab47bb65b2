/** What may be asked of a run's ledger of pseudo-labels. */
import type { CaseId, FileHash, RunId } from './domain';

/** How one structure of one case fared in a run's unlabelled patches. */
export interface Tally {
  /** Patches of the case that were looked at. */
  seen: number;
  /** Those of them in which the structure was found. */
  present: number;
  /** Those in which it counted for what the student learned. */
  kept: number;
  /** Mean overlap of the teachers' masks, 0 … 1; null where there was none, or only one teacher is asked. */
  agreement: number | null;
}

/** Steps of a run, both ends included. */
export interface StepWindow {
  from: number;
  to: number;
}

export interface LedgerSummary {
  /** The steps so far in which teachers were asked, in windows of the same length, oldest first; none before the first. */
  windows: StepWindow[];
  /** By name of the case, then by structure; `tallies` are in the order of the windows, null where the case was not looked at. */
  lines: { case: CaseId; name: string; structure: number; tallies: (Tally | null)[] }[];
}

/** A place on the work list: a structure of an unlabelled case about which the teachers disagree. */
export interface Disagreement extends Tally {
  case: CaseId;
  name: string;
  structure: number;
  agreement: number;
  /** The lowest agreement of a single patch, and the step it was at. */
  lowest: number;
  step: number;
  /** Measured in the whole case at the run's newest moment; null where the case was not looked at then, or by programs before this was kept. */
  difference: (Difference & { step: number }) | null;
}

/** What only one of two teachers takes for a structure of a case, its probability being above ½, and how sure each is of its own opinion there. */
export interface Difference {
  volumeMl: number;
  /** Mean |2p − 1| over that volume by each teacher's probability p: 0 is undecided, 1 is certain. Null where they differ nowhere. */
  sureness: { ct: number; pet: number } | null;
}

/** Two teachers contradict each other no more surely than the less sure one of them, 0 … 1. */
export const confidenceOf = ({ sureness }: Difference): number | null => sureness && Math.min(sureness.ct, sureness.pet);

/** What may come first on the work list: least agreement in patches, the largest difference in millilitres, or the surest one. */
export const disagreementOrders = ['agreement', 'volume', 'confidence'] as const;
export type DisagreementOrder = (typeof disagreementOrders)[number];

export interface Disagreements {
  /** The steps it rests on; null before the first. */
  window: StepWindow | null;
  /** As was asked; what has no difference comes last, least agreement first. */
  list: Disagreement[];
}

/** Whose masks a moment holds; what the teachers agreed on is where the mean of their probabilities is above ½. */
export const momentSources = ['student', 'ct', 'pet', 'agreed'] as const;
export type MomentSource = (typeof momentSources)[number];
export const whose: Record<MomentSource, string> = {
  student: 'the student',
  ct: 'the CT teacher',
  pet: 'the PET teacher',
  agreed: 'both teachers',
};

/** How well one of them found a structure in cases whose reference is known. */
export interface LookScore {
  source: MomentSource;
  structure: number;
  /** That hold the structure, or in which the source saw it. */
  cases: number;
  /** Mean over these, 0 … 1. */
  dice: number;
}

/**
 * How an unlabelled case looked at one step of a run: label maps on the case's grid. The student's is of the whole case; a teacher's holds the
 * structures it was asked about, each in a crop around it. Null of a teacher that the run does not ask, and of what two agreed on without both.
 */
export interface Moment {
  run: RunId;
  case: CaseId;
  step: number;
  masks: Record<MomentSource, FileHash | null>;
}
