/** A new run: sane defaults, each field with its unit and range, and the cost before the start. */
import { type FormEvent, useState } from 'react';
import type { Project } from '../../../shared/domain';
import { unlabelledSettings } from '../../../shared/methods';
import type { CommonSettings, TrainSettings } from '../../../shared/runs';
import { trainSettings } from '../../../shared/schemas';
import { useAsk } from '../../asking';
import { go } from '../../place';
import { deviceWords } from '../../ui/devices';
import { NumberField, TripleField } from '../../ui/NumberField';
import { freshDraft, type RunDefaults, settingsOf } from './draft';
import { ForecastBox } from './ForecastBox';
import { advancedFields, basicFields, type FieldSpec, problemOf, rangeOf } from './fields';
import { MethodFields } from './MethodFields';
import { useForecast } from './useForecast';

interface RunFormProps {
  defaults: RunDefaults;
  project: Project;
  /** Another run occupies the machine: what the new one costs is estimated, and it would wait for its turn. */
  isTraining: boolean;
}

export function RunForm({ defaults, project, isTraining }: RunFormProps) {
  const [draft, setDraft] = useState(freshDraft());
  // The default name counts on with every run; what somebody typed stays.
  const settings = settingsOf(draft, defaults);
  const starting = useAsk();
  const isComplete = trainSettings.safeParse(settings).success;
  const cost = useForecast(isComplete ? settings : null, isTraining);
  const change = (part: Partial<CommonSettings>) => setDraft((before) => ({ ...before, common: { ...before.common, ...part } }));
  // A field that is out of range must be in sight.
  const hasAdvancedProblem = advancedFields.some(
    ({ kind, key }) => kind === 'number' && problemOf(settings[key] as number, rangeOf(key)) !== null,
  );
  const isChanged = JSON.stringify(settings) !== JSON.stringify(defaults[draft.method]);
  const { labelled, drafts, unlabelled } = project.counts;
  const isRefused = cost.forecast?.fits === false || (cost.error !== null && cost.error.code !== 'RUN_BUSY');
  const mayStart = isComplete && !isRefused && starting.busy === null;
  const start = async (event: FormEvent) => {
    event.preventDefault();
    if (!mayStart) return;
    const started = await starting.ask('runs.start', { settings });
    if (!started) return;
    setDraft(({ common: { name, ...kept }, ...before }) => ({ ...before, common: kept }));
    go('runs', started.answer);
  };
  return (
    <form className="card run-form" onSubmit={start} aria-label="New run">
      <header>
        <h2>New run</h2>
        {isChanged && (
          <button type="button" className="linklike caption" onClick={() => setDraft(freshDraft(draft.method))}>
            Back to the defaults
          </button>
        )}
        <p>Everything has a default that suits the cases of this project.</p>
      </header>
      <div className="fields">
        <div className="field">
          <label htmlFor="run-name">Name</label>
          <input
            id="run-name"
            className="input"
            value={settings.name}
            maxLength={120}
            onChange={(event) => change({ name: event.target.value })}
          />
        </div>
        <div className="field">
          <span>Cases</span>
          <span className="fixed">
            {labelled} labelled{unlabelledSettings(settings) && ` · ${unlabelled + drafts} unlabelled`}
          </span>
        </div>
      </div>
      <MethodFields draft={draft} defaults={defaults} onChange={setDraft} />
      <div className="fields">
        <div className="field">
          <label htmlFor="run-device">Device</label>
          <select
            id="run-device"
            className="input"
            value={settings.device}
            title="Where the student trains. The fastest is found by trying each once; the command `devices` says why one cannot be used."
            onChange={(event) => change({ device: event.target.value as TrainSettings['device'] })}
          >
            {Object.entries({ auto: 'Fastest', ...deviceWords }).map(([device, words]) => (
              <option key={device} value={device}>
                {words}
              </option>
            ))}
          </select>
        </div>
        {basicFields.map((spec) => (
          <Field key={spec.key} spec={spec} settings={settings} onChange={change} />
        ))}
      </div>
      <details open={hasAdvancedProblem || undefined}>
        <summary>Optimiser, augmentation, checkpoints</summary>
        <div className="fields">
          {advancedFields.map((spec) => (
            <Field key={spec.key} spec={spec} settings={settings} onChange={change} />
          ))}
        </div>
      </details>
      <ForecastBox state={cost} isComplete={isComplete} isTraining={isTraining} />
      {starting.error && (
        <p className="message" data-tone="bad" role="alert">
          {starting.error.message}
        </p>
      )}
      <button type="submit" className="button" data-kind="primary" data-size="wide" disabled={!mayStart} aria-busy={starting.busy !== null}>
        {starting.busy && <span className="spinner" />}
        {isTraining ? 'Queue the run' : 'Start the run'}
      </button>
    </form>
  );
}

interface FieldProps {
  spec: FieldSpec;
  settings: TrainSettings;
  onChange: (part: Partial<CommonSettings>) => void;
}

function Field({ spec, settings, onChange }: FieldProps) {
  if (spec.kind === 'switch') {
    return (
      <label className="field" title={spec.hint}>
        <span>{spec.label}</span>
        <input type="checkbox" checked={settings[spec.key]} onChange={(event) => onChange({ [spec.key]: event.target.checked })} />
      </label>
    );
  }
  if (spec.kind === 'choice') {
    const id = `run-${spec.key}`;
    return (
      <div className="field">
        <label htmlFor={id}>{spec.label}</label>
        <select
          id={id}
          className="input"
          value={settings[spec.key]}
          title={spec.hint}
          onChange={(event) => onChange({ precision: event.target.value as TrainSettings['precision'] })}
        >
          {Object.entries(spec.options).map(([value, words]) => (
            <option key={value} value={value} disabled={value === 'mixed' && settings.device === 'cpu'}>
              {words}
            </option>
          ))}
        </select>
      </div>
    );
  }
  const range = rangeOf(spec.key);
  const shared = { label: spec.label, unit: spec.unit, hint: `${spec.hint} ${range.min} to ${range.max}.` };
  const problem = (value: number | null) => problemOf(value, range);
  return spec.kind === 'number' ? (
    <NumberField {...shared} value={settings[spec.key]} problemOf={problem} onChange={(value) => onChange({ [spec.key]: value })} />
  ) : (
    <TripleField {...shared} value={settings[spec.key]} problemOf={problem} onChange={(value) => onChange({ [spec.key]: value })} />
  );
}
