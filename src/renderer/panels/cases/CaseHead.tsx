/** Name, split, origin and state of the label of the case in the inspector. */
import type { Case } from '../../../shared/domain';
import { counted } from '../../ui/numbers';
import { sizeOf } from './describeCase';
import { LabelState } from './LabelState';
import { PatientField } from './PatientField';
import { SplitChoice } from './SplitChoice';

export function CaseHead({ subject }: { subject: Case }) {
  const warnings = [...new Set(subject.channels.flatMap(({ source }) => source.warnings))];
  const present = Object.values(subject.label?.voxels ?? {}).filter((count) => count > 0).length;
  return (
    <section aria-label="Case">
      <div className="inspector-head">
        <h2 className="ellipsis" title={subject.name}>
          {subject.name}
        </h2>
        <SplitChoice label="Split of this case" cases={[subject.id]} split={subject.split} />
      </div>
      <div className="inset">
        <p className="caption">
          {subject.channels.map(({ modality, unit }) => `${modality} (${unit})`).join(' + ')} · {sizeOf(subject)}
        </p>
        <p className="caption" title={subject.channels.map(({ source }) => source.fileName).join('\n')}>
          {subject.label ? `Labels: ${counted(present, 'structure')}, revision ${subject.label.revision}` : 'No labels'} · stored as{' '}
          {subject.channels[0].source.orientation}
        </p>
        <PatientField label="Patient" subjects={[subject]} />
        {subject.label && <LabelState subject={subject.id} label={subject.label} />}
        {warnings.map((warning) => (
          <p key={warning} className="message" data-tone="caution">
            {warning}
          </p>
        ))}
      </div>
    </section>
  );
}
