/** The split of one case, or of several at once. */
import { type CaseId, type Split, splits } from '../../../shared/domain';
import { ask } from '../../api';
import { tellFailure } from '../../ui/noticeList';
import { splitNames } from './describeCase';

interface SplitChoiceProps {
  label: string;
  cases: CaseId[];
  /** Null where the cases differ. */
  split: Split | null;
}

export function SplitChoice({ label, cases, split }: SplitChoiceProps) {
  return (
    <label className="row">
      <span className="visually-hidden">{label}</span>
      <select
        className="input split-choice"
        value={split ?? ''}
        onChange={(event) => {
          ask('cases.setSplit', { cases, split: event.target.value as Split }).catch(tellFailure);
        }}
      >
        {split === null && (
          <option value="" disabled>
            Several
          </option>
        )}
        {splits.map((one) => (
          <option key={one} value={one}>
            {splitNames[one]}
          </option>
        ))}
      </select>
    </label>
  );
}
