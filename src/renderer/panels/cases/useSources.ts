/** Which masks of a case are compared: the reference and up to two models, chosen once for all cases. */
import type { Case, Model, ModelId, Prediction } from '../../../shared/domain';
import type { CaseScores, EvaluationSummary } from '../../../shared/evaluation';
import { useAnswer } from '../../answers';
import { shared } from '../../ui/shared';
import type { MaskSource } from '../../viewer/Room';

/** What the person chose; undefined means nothing yet, so that the best model is taken, and beside it the best of another run. */
const choice = shared<{ student: ModelId | undefined; other: ModelId | null | undefined }>({ student: undefined, other: undefined });

export interface Compared {
  model: Model;
  prediction: Prediction | undefined;
  scores: CaseScores | undefined;
}

export interface Sources {
  models: Model[];
  student: Compared | null;
  other: Compared | null;
  masks: MaskSource[];
  choose: (change: { student?: ModelId; other?: ModelId | null }) => void;
}

/** Masks of a case, or undefined until models and predictions are known. */
export function useSources(subject: Case): Sources | undefined {
  const chosen = choice.use();
  const { data: models } = useAnswer('models.list', {}, ['models.changed']);
  const { data: predictions } = useAnswer('predictions.list', { case: subject.id }, ['predictions.changed']);
  const { data: evaluations } = useAnswer('evaluations.list', {}, ['evaluations.changed']);
  if (!models || !predictions) return undefined;
  const compared = (id: ModelId | null): Compared | null => {
    const model = models.find((listed) => listed.id === id);
    if (!model) return null;
    return {
      model,
      prediction: predictions.find((made) => made.model === id),
      scores: evaluations?.find((summary) => summary.model === id)?.cases.find((scored) => scored.case === subject.id),
    };
  };
  const student = compared(chosen.student ?? bestModel(models, predictions, evaluations));
  const second = chosen.other === undefined ? bestBeside(student?.model, models, predictions, evaluations) : chosen.other;
  const other = second === student?.model.id ? null : compared(second);
  return { models, student, other, masks: masksOf(subject, student, other), choose: (change) => choice.set({ ...chosen, ...change }) };
}

/** The best evaluated model that has a mask here; else the newest mask's; else the newest model. */
function bestModel(models: Model[], predictions: Prediction[], evaluations: EvaluationSummary[] | undefined): ModelId | null {
  const hasMask = (id: ModelId) => predictions.some(({ model }) => model === id);
  const evaluated = evaluations?.find(({ model }) => hasMask(model))?.model;
  return evaluated ?? predictions.at(-1)?.model ?? models.at(-1)?.id ?? null;
}

/** The best evaluated model of another run that has a mask here, if there is one. */
function bestBeside(
  student: Model | undefined,
  models: readonly Model[],
  predictions: readonly Prediction[],
  evaluations: readonly EvaluationSummary[] = [],
): ModelId | null {
  const isOther = (id: ModelId) => models.some((model) => model.id === id && model.run !== student?.run);
  return evaluations.find(({ model }) => isOther(model) && predictions.some((made) => made.model === model))?.model ?? null;
}

function masksOf(subject: Case, student: Compared | null, other: Compared | null): MaskSource[] {
  const reference: MaskSource[] = subject.label
    ? [{ id: subject.label.id, kind: 'reference', caption: 'Reference', file: subject.label.file }]
    : [];
  const maskOf = (one: Compared | null, kind: 'student' | 'second-student'): MaskSource[] =>
    one?.prediction ? [{ id: one.prediction.id, kind, caption: `Student · ${one.model.name}`, file: one.prediction.file }] : [];
  return [...reference, ...maskOf(student, 'student'), ...maskOf(other, 'second-student')];
}
