/** Files and folders to bring in: picked or dropped in the desktop window, typed in a browser, which may not see the disk. */
import { type ReactNode, useId } from 'react';
import { desktop } from '../api';
import { Action } from './Action';

interface PathsFieldProps {
  /** One path a line. */
  text: string;
  onChange: (text: string) => void;
  /** Title of the picker. */
  title: string;
  label: string;
  placeholder: string;
  /** More ways to pick, beside that for files. */
  children?: (add: (paths: string[]) => void) => ReactNode;
}

export function PathsField({ text, onChange, title, label, placeholder, children }: PathsFieldProps) {
  const id = useId();
  const bridge = desktop();
  const add = (paths: string[]) => onChange([text.trimEnd(), ...paths].filter((line) => line !== '').join('\n'));
  return (
    <>
      {bridge && (
        <div className="row">
          <Action onAct={async () => add(await bridge.pickFiles(title))}>Files…</Action>
          {children?.(add)}
          <span className="quiet">or drop them on the window</span>
        </div>
      )}
      <div className="path-field">
        <label htmlFor={id}>{label}</label>
        <textarea
          id={id}
          className="input"
          rows={4}
          spellCheck={false}
          value={text}
          placeholder={placeholder}
          onChange={(event) => onChange(event.target.value)}
        />
        {!bridge && (
          <p className="caption">
            A browser may not tell where files lie, so name the place as it is called on the computer where Understudy runs.
          </p>
        )}
      </div>
    </>
  );
}
