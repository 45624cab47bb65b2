/** A place on the disk: picked in the desktop window, typed in a browser, which may not see the disk. */
import { useId } from 'react';
import { desktop } from '../api';
import { tellFailure } from './noticeList';

interface PathFieldProps {
  label: string;
  value: string;
  onChange: (path: string) => void;
  placeholder?: string;
  hint?: string;
  /** Name of the file to write, where a file is meant: the folder somebody picks gets it at its end. */
  fileName?: string;
}

export function PathField({ label, value, onChange, placeholder, hint, fileName }: PathFieldProps) {
  const id = useId();
  const bridge = desktop();
  const pick = async () => {
    try {
      const folder = await bridge?.pickFolder(label);
      if (folder) onChange(fileName ? `${folder}/${fileName}` : folder);
    } catch (failure) {
      tellFailure(failure);
    }
  };
  return (
    <div className="path-field">
      <label htmlFor={id}>{label}</label>
      <div className="row">
        <input
          id={id}
          className="input"
          value={value}
          placeholder={placeholder}
          spellCheck={false}
          autoComplete="off"
          aria-describedby={hint ? `${id}-hint` : undefined}
          onChange={(event) => onChange(event.target.value)}
        />
        {bridge && (
          <button type="button" className="button" onClick={pick}>
            Browse…
          </button>
        )}
      </div>
      {hint && (
        <p className="caption" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
