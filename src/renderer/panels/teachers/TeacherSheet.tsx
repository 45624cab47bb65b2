/** One teacher: its terms of use, what it is and expects, and how to change or remove it. */
import { type FormEvent, useState } from 'react';
import { modalities } from '../../../shared/domain';
import { architectureOf, familyFacts, type Teacher, twinsOf } from '../../../shared/teachers';
import { ask } from '../../api';
import { Action } from '../../ui/Action';
import { tellFailure } from '../../ui/noticeList';
import { bytes, moment, parameterCount } from '../../ui/numbers';
import { Sheet } from '../../ui/Sheet';
import { checkStanding, inputWords, intensityWords, speedWords } from './teacherWords';

interface TeacherSheetProps {
  teacher: Teacher;
  /** Whether the library or the program offers it, so that it can be had again without its file. */
  isOffered: boolean;
  onClose: () => void;
}

export function TeacherSheet({ teacher, isOffered, onClose }: TeacherSheetProps) {
  return (
    <Sheet title={teacher.name} onClose={onClose}>
      {teacher.about && <p>{teacher.about}</p>}
      <Terms teacher={teacher} />
      <About teacher={teacher} />
      <Settings teacher={teacher} />
      <Remove teacher={teacher} isOffered={isOffered} onRemoved={onClose} />
    </Sheet>
  );
}

function Terms({ teacher: { id, licence, acceptedAt } }: { teacher: Teacher }) {
  if (!licence) return <NameLicence teacher={id} />;
  return (
    <section className="stack" aria-label="Licence">
      <h3>Licence: {licence.name}</h3>
      <p>{licence.summary}</p>
      {licence.where && <p className="caption">What counts is the licence itself: {licence.where}.</p>}
      {acceptedAt ? (
        <p className="caption">Accepted {moment(acceptedAt)}.</p>
      ) : (
        <Action kind="primary" onAct={() => ask('teachers.accept', { teacher: id })}>
          I have read it and accept it
        </Action>
      )}
    </section>
  );
}

function NameLicence({ teacher }: { teacher: Teacher['id'] }) {
  const [name, setName] = useState('');
  const [summary, setSummary] = useState('');
  const save = (event: FormEvent) => {
    event.preventDefault();
    ask('teachers.update', { teacher, licence: { name: name.trim(), summary } }).catch(tellFailure);
  };
  return (
    <form className="stack" aria-label="Licence" onSubmit={save}>
      <h3>Licence: not known</h3>
      <p>Nobody here knows under which terms these weights were given to you. Write down what you were told, or ask their authors.</p>
      <label className="path-field">
        Name of the licence
        <input
          className="input"
          value={name}
          maxLength={120}
          placeholder="CC-BY-NC-4.0"
          onChange={(event) => setName(event.target.value)}
        />
      </label>
      <label className="path-field">
        What it allows and forbids
        <textarea className="input" rows={2} value={summary} maxLength={4000} onChange={(event) => setSummary(event.target.value)} />
      </label>
      <button type="submit" className="button" disabled={name.trim() === ''}>
        Write it down
      </button>
    </form>
  );
}

function About({ teacher }: { teacher: Teacher }) {
  const { parameters, variant, input, intensity, spacingMm, source } = teacher;
  return (
    <dl className="facts">
      <dt>Network</dt>
      <dd>
        {variant}, {parameterCount(parameters)} parameters
      </dd>
      <dt>Input</dt>
      <dd>{inputWords(input)}</dd>
      <dt>Intensities</dt>
      <dd>{intensityWords[intensity]}</dd>
      <dt>Voxels</dt>
      <dd>{spacingMm === null ? 'of any size' : `${spacingMm} mm`}</dd>
      <dt>Speed</dt>
      <dd>
        {speedWords(teacher)}, {checkStanding(teacher).words}
      </dd>
      <dt>File</dt>
      <dd>
        {source.fileName} ({source.format}, {bytes(source.bytes)})
      </dd>
      <dt>SHA-256</dt>
      <dd className="numeric">{source.hash}</dd>
    </dl>
  );
}

function Settings({ teacher: { id, name, family, modality } }: { teacher: Teacher }) {
  const [typed, setTyped] = useState(name);
  const change = (given: Partial<Pick<Teacher, 'name' | 'family' | 'modality'>>) =>
    ask('teachers.update', { teacher: id, ...given }).catch(tellFailure);
  const twins = twinsOf(architectureOf[family]);
  return (
    <div className="teacher-settings">
      <label className="path-field">
        Name
        <input
          className="input"
          value={typed}
          maxLength={120}
          onChange={(event) => setTyped(event.target.value)}
          onBlur={() => typed.trim() !== '' && typed.trim() !== name && change({ name: typed })}
          onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
        />
      </label>
      <label className="path-field">
        Modality
        <select
          className="input"
          value={modality ?? ''}
          onChange={(event) => change({ modality: modalities.find((known) => known === event.target.value) ?? null })}
        >
          <option value="">any</option>
          {modalities.map((known) => (
            <option key={known}>{known}</option>
          ))}
        </select>
      </label>
      {twins.length > 1 && (
        <label className="path-field">
          Family
          <select
            className="input"
            value={family}
            onChange={(event) => change({ family: twins.find((twin) => twin === event.target.value) })}
          >
            {twins.map((twin) => (
              <option key={twin} value={twin}>
                {familyFacts[twin].title}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}

function Remove({ teacher: { id }, isOffered, onRemoved }: Omit<TeacherSheetProps, 'onClose'> & { onRemoved: () => void }) {
  return (
    <div className="row">
      <Action
        kind="danger"
        onAct={async () => {
          await ask('teachers.remove', { teacher: id });
          onRemoved();
        }}
      >
        Remove from the project
      </Action>
      <span className="caption">{isOffered ? 'It stays in your library.' : 'Importing its file again brings it back.'}</span>
    </div>
  );
}
