/** Scores predicted masks against their references, case by case. */
import { scoreStructures } from '../../imaging/scores';
import { type JobCode, Stopped } from '../protocol';
import { readLabels } from '../readLabels';

export const evaluate: JobCode<'evaluate'> = async ({ pairs, structures, toleranceMm }, context) => {
  for (const [at, pair] of pairs.entries()) {
    await context.breathe();
    if (context.stopped) throw new Stopped();
    const [prediction, reference] = [await readLabels(pair.prediction), await readLabels(pair.reference)];
    const scores = scoreStructures(prediction, reference, structures, toleranceMm);
    context.report({ case: pair.case, scores, fraction: (at + 1) / pairs.length });
  }
  return { pairs: pairs.length };
};
