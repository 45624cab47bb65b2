/** A number somebody types: kept as typed until it is one, with its unit, and a sentence when it is out of range. */
import { useEffect, useId, useState } from 'react';

interface NumberFieldProps {
  label: string;
  value: number;
  unit?: string;
  hint: string;
  /** Why a number may not stand here, or null. */
  problemOf: (value: number | null) => string | null;
  onChange: (value: number) => void;
}

export function NumberField({ label, value, unit, hint, problemOf, onChange }: NumberFieldProps) {
  const id = useId();
  const { text, problem, type } = useTyped(value, problemOf, onChange);
  return (
    <div className="field">
      <label htmlFor={id} title={hint}>
        {label}
      </label>
      <div className="field-input">
        <input
          id={id}
          className="input"
          inputMode="decimal"
          value={text}
          title={hint}
          aria-invalid={problem !== null}
          aria-describedby={problem ? `${id}-problem` : undefined}
          onChange={(event) => type(event.target.value)}
        />
        {unit && <span className="unit">{unit}</span>}
      </div>
      {problem && (
        <p className="problem" id={`${id}-problem`}>
          {problem}
        </p>
      )}
    </div>
  );
}

interface TripleFieldProps extends Omit<NumberFieldProps, 'value' | 'onChange'> {
  value: [number, number, number];
  onChange: (value: [number, number, number]) => void;
}

/** Three numbers along i, j and k. */
export function TripleField({ label, value, unit, hint, problemOf, onChange }: TripleFieldProps) {
  const problem = value.map(problemOf).find((found) => found !== null);
  return (
    <fieldset className="field">
      <legend className="visually-hidden">{label}</legend>
      <span title={hint} aria-hidden="true">
        {label}
      </span>
      <div className="field-input triple">
        {(['i', 'j', 'k'] as const).map((axis, at) => (
          <Component
            key={axis}
            label={`${label} along ${axis}`}
            value={value[at]}
            problemOf={problemOf}
            onChange={(next) => onChange(value.with(at, next) as [number, number, number])}
          />
        ))}
        {unit && <span className="unit">{unit}</span>}
      </div>
      {problem && <p className="problem">{problem}</p>}
    </fieldset>
  );
}

function Component({ label, value, problemOf, onChange }: Pick<NumberFieldProps, 'label' | 'value' | 'problemOf' | 'onChange'>) {
  const { text, problem, type } = useTyped(value, problemOf, onChange);
  return (
    <input
      className="input"
      inputMode="decimal"
      value={text}
      aria-label={label}
      aria-invalid={problem !== null}
      onChange={(event) => type(event.target.value)}
    />
  );
}

/** What was typed, and the number it is. Anything that is no number counts as NaN, so that the form knows it is incomplete. */
function useTyped(value: number, problemOf: (value: number | null) => string | null, onChange: (value: number) => void) {
  const [text, setText] = useState(String(value));
  useEffect(() => {
    setText((before) => (Object.is(readNumber(before), value) ? before : String(value)));
  }, [value]);
  const typed = readNumber(text);
  return {
    text,
    problem: problemOf(Number.isNaN(typed) ? null : typed),
    type: (next: string) => {
      setText(next);
      onChange(readNumber(next));
    },
  };
}

/** A number as people type it, with comma or point; NaN for anything else. */
export function readNumber(text: string): number {
  const plain = text
    .replace(/[\s\u202f]/g, '')
    .replace(',', '.')
    .replace('−', '-');
  return plain === '' ? Number.NaN : Number(plain);
}
