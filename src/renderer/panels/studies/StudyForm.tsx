/** A new study: what is compared, from which seeds, with how many labels. */
import { type FormEvent, useState } from 'react';
import { unlabelledDefaults } from '../../../shared/methods';
import type { CommonSettings } from '../../../shared/runs';
import { meanTeacherSettings } from '../../../shared/schemas';
import { useAsk } from '../../asking';
import { go } from '../../place';
import { NumberField } from '../../ui/NumberField';
import { counted } from '../../ui/numbers';
import { problemOf as problemOfNumber, rangeOf, rangeOfSchema } from '../runs/fields';
import { offered, planOf, problemOf, type StudyDraft, studentsOf } from './draft';

interface StudyFormProps {
  /** Number of the next study. */
  number: number;
  defaults: CommonSettings;
}

export function StudyForm({ number, defaults }: StudyFormProps) {
  const [changes, setChanges] = useState<Partial<StudyDraft>>({});
  const starting = useAsk();
  const draft: StudyDraft = {
    name: `Study ${number}`,
    chosen: new Set(['labels', 'meanTeacher']),
    seeds: '1, 2, 3',
    budgets: 'all',
    steps: defaults.steps,
    consistency: unlabelledDefaults.consistency,
    ...changes,
  };
  const change = (part: Partial<StudyDraft>) => setChanges((before) => ({ ...before, ...part }));
  const [stepsProblem, weightProblem] = [
    (value: number | null) => problemOfNumber(value, rangeOf('steps')),
    (value: number | null) => problemOfNumber(value, rangeOfSchema(meanTeacherSettings.shape.consistency)),
  ];
  const problem = problemOf(draft) ?? stepsProblem(draft.steps) ?? weightProblem(draft.consistency);
  const start = async (event: FormEvent) => {
    event.preventDefault();
    if (problem !== null || starting.busy) return;
    const started = await starting.ask('studies.create', { plan: planOf(draft) });
    if (!started) return;
    setChanges(({ name: _name, ...kept }) => kept);
    go('studies', started.answer);
  };
  return (
    <form className="card" onSubmit={start} aria-label="New study">
      <header>
        <h2>New study</h2>
        <p>Every configuration is trained from every seed with every number of labels, and scored on the test cases.</p>
      </header>
      <div className="fields">
        <TextField label="Name" value={draft.name} onChange={(name) => change({ name })} />
        <fieldset className="field study-choices">
          <legend>Compared</legend>
          <div>
            {offered.map(({ key, name, hint }) => (
              <label key={key} className="row" title={hint}>
                <input
                  type="checkbox"
                  checked={draft.chosen.has(key)}
                  onChange={(event) => change({ chosen: withChoice(draft.chosen, key, event.target.checked) })}
                />
                {name}
              </label>
            ))}
          </div>
        </fieldset>
        <TextField label="Seeds" value={draft.seeds} hint="Whole numbers: 1, 2, 3." onChange={(seeds) => change({ seeds })} />
        <TextField
          label="Labelled cases"
          value={draft.budgets}
          hint="How many of the labelled cases are used, first by name; the others count as unlabelled. Several make a curve: 5, 10, all."
          onChange={(budgets) => change({ budgets })}
        />
        <NumberField
          label="Steps"
          hint="Updates of every student."
          value={draft.steps}
          problemOf={stepsProblem}
          onChange={(steps) => change({ steps })}
        />
        <NumberField
          label="Agreement"
          unit="weight"
          hint="What agreeing on unlabelled patches weighs once it has climbed. At 0.1, as published, nearly invisible in a short run."
          value={draft.consistency}
          problemOf={weightProblem}
          onChange={(consistency) => change({ consistency })}
        />
      </div>
      {(problem ?? starting.error) && (
        <p className="message" data-tone={problem ? 'caution' : 'bad'} role="alert">
          {problem ?? starting.error?.message}
        </p>
      )}
      <button type="submit" className="button" data-kind="primary" data-size="wide" disabled={problem !== null || starting.busy !== null}>
        {starting.busy && <span className="spinner" />}
        Start {counted(studentsOf(draft), 'student')}
      </button>
    </form>
  );
}

function withChoice(chosen: StudyDraft['chosen'], key: (typeof offered)[number]['key'], isChosen: boolean): StudyDraft['chosen'] {
  const next = new Set(chosen);
  if (isChosen) next.add(key);
  else next.delete(key);
  return next;
}

interface TextFieldProps {
  label: string;
  value: string;
  hint?: string;
  onChange: (value: string) => void;
}

function TextField({ label, value, hint, onChange }: TextFieldProps) {
  return (
    <label className="field" title={hint}>
      {label}
      <input className="input" value={value} maxLength={80} onChange={(event) => onChange(event.target.value)} />
    </label>
  );
}
