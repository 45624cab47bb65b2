/** How well masks agree with references: of a structure, a case, a model. */
import type { CaseId, ModelId, PredictionId, Split } from './domain';

/** Agreement of one predicted structure with the reference. Distances are null where a mask is empty; see `note`. */
export interface StructureScore {
  structure: number;
  dice: number;
  hd95Mm: number | null;
  assdMm: number | null;
  /** Share of both surfaces within `toleranceMm` of the other (normalised surface Dice). */
  surfaceDice: number | null;
  toleranceMm: number;
  volumeMl: number;
  referenceMl: number;
  note: 'both empty' | 'prediction empty' | 'reference empty' | null;
}

export interface CaseScores {
  case: CaseId;
  name: string;
  split: Split;
  prediction: PredictionId;
  /** Mean Dice over structures present in prediction or reference. */
  meanDice: number;
  structures: StructureScore[];
}

export interface MeanScores {
  dice: number;
  /** Mean over the structures where it is defined; null if nowhere. */
  hd95Mm: number | null;
  assdMm: number | null;
  surfaceDice: number | null;
  /** Mean of |predicted − reference| in mL. */
  volumeErrorMl: number;
}

/** Evaluation of one model over a set of cases, worst case first. */
export interface EvaluationSummary {
  model: ModelId;
  modelName: string;
  mean: MeanScores;
  structures: (MeanScores & { structure: number; name: string; cases: number; missed: number })[];
  cases: CaseScores[];
}

/** Outcome of one file or case of an import. */
