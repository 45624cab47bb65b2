/** Which method a run learns by, and what that method alone takes: what matters in sight, the rest folded. */
import {
  intended,
  type MeanTeacherSettings,
  type MethodName,
  type MuduoChoices,
  type MuduoFilter,
  type MuduoSettings,
  methods,
  released,
} from '../../../shared/methods';
import { choicesInWords, methodSentences, methodTitles } from '../../../shared/methodWords';
import { meanTeacherSettings, muduoSettings } from '../../../shared/schemas';
import { familyFacts, type Teacher } from '../../../shared/teachers';
import { useAnswer } from '../../answers';
import { addressOf } from '../../place';
import { NumberField } from '../../ui/NumberField';
import { type Draft, type RunDefaults, teachersFor, withTeacher } from './draft';
import { type NumberSchema, problemOf, rangeOfSchema } from './fields';

interface MethodFieldsProps {
  draft: Draft;
  defaults: RunDefaults;
  onChange: (draft: Draft) => void;
}

export function MethodFields({ draft, defaults, onChange }: MethodFieldsProps) {
  const { method } = draft;
  return (
    <div className="fields">
      <div className="field">
        <label htmlFor="run-method">Method</label>
        <select
          id="run-method"
          className="input"
          value={method}
          title={methodSentences[method]}
          onChange={(event) => onChange({ ...draft, method: event.target.value as MethodName })}
        >
          {methods.map((name) => (
            <option key={name} value={name}>
              {methodTitles[name]}
            </option>
          ))}
        </select>
      </div>
      <p className="caption method-sentence">{methodSentences[method]}</p>
      {method === 'meanTeacher' && (
        <MeanTeacherFields
          own={{ ...defaults.meanTeacher.meanTeacher, ...draft.meanTeacher }}
          onChange={(part) => onChange({ ...draft, meanTeacher: { ...draft.meanTeacher, ...part } })}
        />
      )}
      {method === 'muduo' && <MuduoFields draft={draft} defaults={defaults} onChange={onChange} />}
    </div>
  );
}

function MeanTeacherFields({ own, onChange }: { own: MeanTeacherSettings; onChange: (part: Partial<MeanTeacherSettings>) => void }) {
  const field = fieldsOf(meanTeacherSettings.shape, own, onChange);
  return (
    <>
      {field('consistency', 'Agreement', 'weight', weightHint)}
      <details>
        <summary>More of mean teacher</summary>
        <div className="fields">
          {field('unlabelled', 'Unlabelled', 'patches', unlabelledHint)}
          {field('begins', 'Joins after', 'of the run', beginsHint)}
          {field('ramp', 'Climbs over', 'of the rest', rampHint)}
          {field('decay', 'Average kept', 'per step', 'How much of the student’s running average stays at each step.')}
        </div>
      </details>
    </>
  );
}

const weightHint = 'What agreeing on unlabelled patches weighs once it has climbed. At 0.1, as published, nearly invisible in a short run.';
const unlabelledHint = 'Unlabelled patches per step, beside the batch of labelled ones.';
const beginsHint = 'Share of the run in which the student learns from labels alone, before unlabelled patches join.';
const rampHint = 'Share of the rest of the run over which that weight climbs from next to nothing.';

function MuduoFields({ draft, defaults, onChange }: MethodFieldsProps) {
  const { data: teachers = [] } = useAnswer('teachers.list', {}, ['teachers.changed']);
  const own: MuduoSettings = { ...defaults.muduo.muduo, ...draft.muduo };
  const change = (part: Partial<MuduoSettings>) => onChange({ ...draft, muduo: { ...draft.muduo, ...part } });
  const field = fieldsOf(muduoSettings.shape, own, change);
  const isAlone = own.teachers.ct === null || own.teachers.pet === null;
  const isNobody = own.teachers.ct === null && own.teachers.pet === null;
  return (
    <>
      {(['ct', 'pet'] as const).map((side) => (
        <TeacherField
          key={side}
          modality={side === 'ct' ? 'CT' : 'PET'}
          teachers={teachers}
          chosen={own.teachers[side]}
          onChoose={(teacher) => onChange(withTeacher(draft, defaults, side, teacher))}
        />
      ))}
      {isNobody && (
        <p className="problem" role="alert">
          MuDuo needs a teacher for CT, one for PET, or both. <a href={addressOf({ panel: 'teachers' })}>Bring one in</a> and accept its
          licence.
        </p>
      )}
      {field('consistency', 'Agreement', 'weight', weightHint)}
      {!isAlone && <FilterField filter={own.filter} onChange={(filter) => change({ filter })} />}
      {own.teachers.pet !== null && field('clicks', 'Clicks', 'a structure', 'Points that the prompt generator gives the PET teacher, K.')}
      <details>
        <summary>More of MuDuo</summary>
        <div className="fields">
          {field('unlabelled', 'Unlabelled', 'patches', unlabelledHint)}
          {field('begins', 'Joins after', 'of the run', beginsHint)}
          {field('ramp', 'Climbs over', 'of the rest', rampHint)}
          {own.teachers.pet !== null &&
            field(
              'generatorSteps',
              'Generator',
              'steps',
              'Steps that the prompt generator is trained for before the student, on PET of the labelled cases.',
            )}
          <ChoicesField choices={own.choices} onChange={(choices) => change({ choices })} />
        </div>
      </details>
    </>
  );
}

interface TeacherFieldProps {
  modality: 'CT' | 'PET';
  teachers: readonly Teacher[];
  chosen: Teacher['id'] | null;
  onChoose: (teacher: Teacher | null) => void;
}

function TeacherField({ modality, teachers, chosen, onChoose }: TeacherFieldProps) {
  const id = `run-teacher-${modality}`;
  const offered = teachersFor(teachers, modality);
  return (
    <div className="field">
      <label htmlFor={id}>{modality} teacher</label>
      <select
        id={id}
        className="input"
        value={chosen ?? ''}
        title={`Who is asked about ${modality}. The student then sees cubes of the same side and voxel size.`}
        onChange={(event) => onChoose(offered.find((teacher) => teacher.id === event.target.value) ?? null)}
      >
        <option value="">nobody</option>
        {offered.map((teacher) => (
          <option key={teacher.id} value={teacher.id} disabled={teacher.acceptedAt === null}>
            {teacher.name}
            {teacher.acceptedAt === null ? ' (licence not accepted)' : ` · ${familyFacts[teacher.family].title}`}
          </option>
        ))}
      </select>
    </div>
  );
}

/** Where a threshold begins when it is chosen: MuDuo's own comparison. */
const firstThreshold = 0.5;

function FilterField({ filter, onChange }: { filter: MuduoFilter; onChange: (filter: MuduoFilter) => void }) {
  const kind = typeof filter === 'string' ? filter : 'threshold';
  return (
    <>
      <div className="field">
        <label htmlFor="run-filter">Learned</label>
        <select
          id="run-filter"
          className="input"
          value={kind}
          title="Which of the teachers’ masks count, for every structure by itself."
          onChange={(event) => {
            const chosen = event.target.value as typeof kind;
            onChange(chosen === 'threshold' ? { agreementAtLeast: firstThreshold } : chosen);
          }}
        >
          <option value="betterHalf">the better half of the masks</option>
          <option value="none">all masks</option>
          <option value="threshold">masks that agree enough</option>
        </select>
      </div>
      {typeof filter !== 'string' && (
        <NumberField
          label="Agree at least"
          unit="of 1"
          hint="Overlap of the two teachers (soft intersection over union). 0 to 1."
          value={filter.agreementAtLeast}
          problemOf={(value) => problemOf(value, { min: 0, max: 1, step: null })}
          onChange={(agreementAtLeast) => onChange({ agreementAtLeast })}
        />
      )}
    </>
  );
}

function ChoicesField({ choices, onChange }: { choices: MuduoChoices; onChange: (choices: MuduoChoices) => void }) {
  const words = choicesInWords(choices);
  return (
    <div className="field">
      <label htmlFor="run-choices">Open questions</label>
      <select
        id="run-choices"
        className="input"
        value={words}
        title="Where the released code and what the teachers were trained for part ways."
        onChange={(event) => onChange(event.target.value === 'as released' ? released : intended)}
      >
        <option>as intended</option>
        <option>as released</option>
      </select>
    </div>
  );
}

type NumbersOf<Own> = { [K in keyof Own]: Own[K] extends number ? K : never }[keyof Own];

/** A number field for each of a method's own settings, with the contract's range. */
function fieldsOf<Own extends object>(shape: { [K in NumbersOf<Own>]: NumberSchema }, own: Own, onChange: (part: Partial<Own>) => void) {
  return (key: NumbersOf<Own>, label: string, unit: string, hint: string) => {
    const range = rangeOfSchema(shape[key]);
    return (
      <NumberField
        key={String(key)}
        label={label}
        unit={unit}
        hint={`${hint} ${range.min} to ${range.max}.`}
        value={own[key] as number}
        problemOf={(value) => problemOf(value, range)}
        onChange={(value) => onChange({ [key]: value } as Partial<Own>)}
      />
    );
  };
}
