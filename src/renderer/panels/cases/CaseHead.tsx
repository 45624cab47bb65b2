/** Name, split and origin of the case in the inspector. */
import { type Case, type Split, splits } from '../../../shared/domain';
import { ask } from '../../api';
import { tellFailure } from '../../ui/noticeList';
import { counted } from '../../ui/numbers';
import { sizeOf, splitNames } from './describeCase';

export function CaseHead({ subject }: { subject: Case }) {
  const warnings = [...new Set(subject.channels.flatMap(({ source }) => source.warnings))];
  const present = Object.values(subject.label?.voxels ?? {}).filter((count) => count > 0).length;
  return (
    <section aria-label="Case">
      <div className="inspector-head">
        <h2 className="ellipsis" title={subject.name}>
          {subject.name}
        </h2>
        <label className="row">
          <span className="visually-hidden">Split of this case</span>
          <select
            className="input split-choice"
            value={subject.split}
            onChange={(event) => {
              ask('cases.setSplit', { cases: [subject.id], split: event.target.value as Split }).catch(tellFailure);
            }}
          >
            {splits.map((split) => (
              <option key={split} value={split}>
                {splitNames[split]}
              </option>
            ))}
          </select>
        </label>
      </div>
      <div className="inset">
        <p className="caption">
          {subject.channels.map(({ modality, unit }) => `${modality} (${unit})`).join(' + ')} · {sizeOf(subject)}
        </p>
        <p className="caption" title={subject.channels.map(({ source }) => source.fileName).join('\n')}>
          {subject.label ? `Labels: ${counted(present, 'structure')}, revision ${subject.label.revision}` : 'No labels'} · stored as{' '}
          {subject.channels[0].source.orientation}
        </p>
        {warnings.map((warning) => (
          <p key={warning} className="message" data-tone="caution">
            {warning}
          </p>
        ))}
      </div>
    </section>
  );
}
