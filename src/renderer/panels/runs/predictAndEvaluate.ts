/** Masks of every test case by a model, then its scores. Goes on while the person is elsewhere on the page. */
import type { ModelId } from '../../../shared/domain';
import { ask } from '../../api';
import { ending } from '../../ui/jobs';
import { tellFailure } from '../../ui/noticeList';

/** Resolves when prediction has been accepted; evaluation follows by itself unless prediction was stopped or failed. */
export async function predictAndEvaluate(model: ModelId): Promise<void> {
  const job = await ask('predict.start', { model });
  ending(job)
    .then(({ state }) => (state === 'done' ? ask('evaluate.start', { model }) : null))
    .catch(tellFailure);
}
