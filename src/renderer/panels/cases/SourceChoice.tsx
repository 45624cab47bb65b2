/** Who is compared with the reference, and the way to get a mask where there is none. */
import type { Case, Model, ModelId } from '../../../shared/domain';
import { ask } from '../../api';
import { addressOf } from '../../place';
import { Action } from '../../ui/Action';
import { LineSample } from '../../viewer/Caption';
import type { MaskSource } from '../../viewer/sources';
import type { Compared, Sources } from './useSources';

export function SourceChoice({ subject, sources: { models, student, other, choose } }: { subject: Case; sources: Sources }) {
  if (!student) {
    return (
      <section className="inset" aria-label="Sources">
        <h3>Sources</h3>
        <p className="quiet">
          No student yet. <a href={addressOf({ panel: 'runs' })}>Train one</a> on the labelled cases and its masks appear here.
        </p>
      </section>
    );
  }
  return (
    <section className="inset" aria-label="Sources">
      <h3>Sources</h3>
      <Choice label="Student" kind="student" value={student.model.id} models={models} onChange={(id) => id && choose({ student: id })} />
      {models.length > 1 && (
        <Choice
          label="Against"
          kind="second-student"
          value={other?.model.id ?? null}
          models={models.filter(({ id }) => id !== student.model.id)}
          none="nothing else"
          onChange={(id) => choose({ other: id })}
        />
      )}
      {[student, other].map((one) => one && !one.prediction && <MakeMask key={one.model.id} subject={subject} compared={one} />)}
    </section>
  );
}

interface ChoiceProps {
  label: string;
  kind: MaskSource['kind'];
  value: ModelId | null;
  models: Model[];
  /** Wording of "none of them", where that may be chosen. */
  none?: string;
  onChange: (id: ModelId | null) => void;
}

function Choice({ label, kind, value, models, none, onChange }: ChoiceProps) {
  return (
    <label className="source-choice">
      <LineSample kind={kind} />
      <span className="quiet">{label}</span>
      <select className="input" value={value ?? ''} onChange={(event) => onChange((event.target.value || null) as ModelId | null)}>
        {none && <option value="">{none}</option>}
        {models.map((model) => (
          <option key={model.id} value={model.id}>
            {model.name}
          </option>
        ))}
      </select>
    </label>
  );
}

function MakeMask({ subject, compared: { model } }: { subject: Case; compared: Compared }) {
  return (
    <div className="message">
      <p className="grow">{model.name} has no mask of this case.</p>
      <Action size="small" onAct={() => ask('predict.start', { model: model.id, cases: [subject.id] })}>
        Predict it
      </Action>
    </div>
  );
}
