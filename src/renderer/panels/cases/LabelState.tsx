/** Whether the label of the case is complete, which is the person's word; until then training and evaluation leave it out. */
import type { Case, LabelRevision } from '../../../shared/domain';
import { ask } from '../../api';
import { tellFailure } from '../../ui/noticeList';

export function LabelState({ subject, label }: { subject: Case['id']; label: LabelRevision }) {
  const isComplete = label.state === 'complete';
  const say = (state: LabelRevision['state']) => ask('labels.setState', { cases: [subject], state }).catch(tellFailure);
  return (
    <>
      <label className="row">
        <input type="checkbox" checked={isComplete} onChange={(event) => say(event.target.checked ? 'complete' : 'draft')} />
        The label is complete
      </label>
      {!isComplete && (
        <p className="caption" data-tone="caution">
          A draft: nothing trains or is evaluated on it until every structure of this case is in it and you tick this.
        </p>
      )}
    </>
  );
}
