/** Means over scores. A structure that neither reference nor prediction holds says nothing about a model and is left out. */
import type { Structure } from '../../shared/domain';
import type { CaseScores, EvaluationSummary, MeanScores, StructureScore } from '../../shared/evaluation';
import type { Evaluation } from '../store/evaluations';

const mean = (values: readonly number[]): number | null =>
  values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
const defined = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);
const isPresent = (score: StructureScore) => score.note !== 'both empty';

/**
 * Summary of one evaluation, worst case first. `mean` is the mean over structures of each structure's mean over cases, so that a
 * structure few cases hold counts as much as any other. Structures that no case holds are left out.
 */
export function summarise({ model, modelName, cases }: Evaluation, structures: readonly Structure[]): EvaluationSummary {
  const rows = structures.flatMap(({ index, name }) => {
    const scores = cases.flatMap((one) => one.structures.filter((score) => score.structure === index && isPresent(score)));
    if (scores.length === 0) return [];
    const missed = scores.filter((score) => score.note === 'prediction empty').length;
    return [{ structure: index, name, cases: scores.length, missed, ...meansOf(scores) }];
  });
  return {
    model,
    modelName,
    mean: {
      dice: mean(rows.map((row) => row.dice)) ?? 1,
      hd95Mm: mean(defined(rows.map((row) => row.hd95Mm))),
      assdMm: mean(defined(rows.map((row) => row.assdMm))),
      surfaceDice: mean(defined(rows.map((row) => row.surfaceDice))),
      volumeErrorMl: mean(rows.map((row) => row.volumeErrorMl)) ?? 0,
    },
    structures: rows,
    cases: cases.map(withMean).sort((a, b) => a.meanDice - b.meanDice || (a.name < b.name ? -1 : 1)),
  };
}

/** Best mean first. */
export const rank = (summaries: readonly EvaluationSummary[]): EvaluationSummary[] =>
  summaries.toSorted((a, b) => b.mean.dice - a.mean.dice);

/** @param scores at least one */
function meansOf(scores: readonly StructureScore[]): MeanScores {
  return {
    dice: mean(scores.map((score) => score.dice))!,
    hd95Mm: mean(defined(scores.map((score) => score.hd95Mm))),
    assdMm: mean(defined(scores.map((score) => score.assdMm))),
    surfaceDice: mean(defined(scores.map((score) => score.surfaceDice))),
    volumeErrorMl: mean(scores.map((score) => Math.abs(score.volumeMl - score.referenceMl)))!,
  };
}

/** A case where there was nothing to find and nothing was found is perfect. */
const withMean = (one: Evaluation['cases'][number]): CaseScores => ({
  ...one,
  meanDice: mean(one.structures.filter(isPresent).map((score) => score.dice)) ?? 1,
});
