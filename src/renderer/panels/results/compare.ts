/** Two evaluations side by side: differences where both have a value, cases worst first. Pure. */
import type { CaseId } from '../../../shared/domain';
import type { CaseScores, EvaluationSummary, MeanScores, StructureScore } from '../../../shared/evaluation';

export interface Metric {
  key: keyof MeanScores;
  label: string;
  unit: string;
  digits: number;
  /** True where more is better (Dice), false where less is (distances, errors). */
  moreIsBetter: boolean;
}

export const metrics: readonly Metric[] = [
  { key: 'dice', label: 'Dice', unit: '', digits: 2, moreIsBetter: true },
  { key: 'hd95Mm', label: 'HD95', unit: 'mm', digits: 1, moreIsBetter: false },
  { key: 'assdMm', label: 'ASSD', unit: 'mm', digits: 1, moreIsBetter: false },
  { key: 'surfaceDice', label: 'Surface Dice', unit: '', digits: 2, moreIsBetter: true },
  { key: 'volumeErrorMl', label: 'Volume error', unit: 'mL', digits: 1, moreIsBetter: false },
];

/** First minus second, as printed, and whether that is better; null where either has no value or nothing shows after rounding. */
export function difference(
  { digits, moreIsBetter }: Metric,
  first: number | null,
  second: number | null,
): { by: number; isBetter: boolean } | null {
  if (first === null || second === null) return null;
  const by = Number((Number(first.toFixed(digits)) - Number(second.toFixed(digits))).toFixed(digits));
  return by === 0 ? null : { by, isBetter: by > 0 === moreIsBetter };
}

export interface CasePair {
  scores: CaseScores;
  /** The same case by the other model, if it was scored there. */
  other: CaseScores | undefined;
  worst: StructureScore | undefined;
}

/** Cases of the first evaluation, lowest mean Dice first, each with its worst structure and the other model's scores. */
export function worstCasesFirst(first: EvaluationSummary, second: EvaluationSummary | undefined): CasePair[] {
  const others = new Map<CaseId, CaseScores>(second?.cases.map((scores) => [scores.case, scores]));
  return [...first.cases]
    .sort((a, b) => a.meanDice - b.meanDice)
    .map((scores) => ({ scores, other: others.get(scores.case), worst: worstStructure(scores) }));
}

/** Structure with the lowest Dice among those that are there at all. */
function worstStructure({ structures }: CaseScores): StructureScore | undefined {
  return structures.filter(({ note }) => note !== 'both empty').sort((a, b) => a.dice - b.dice)[0];
}
