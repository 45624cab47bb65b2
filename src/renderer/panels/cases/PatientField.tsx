/** Whose study a case is, or several are: a word of the person's own, so that runs keep a patient out of training who is tested on. */
import { useEffect, useId, useState } from 'react';
import type { Case } from '../../../shared/domain';
import { useAnswer } from '../../answers';
import { ask } from '../../api';
import { tellFailure } from '../../ui/noticeList';
import { acrossTheWall } from './describeCase';

export function PatientField({ label, subjects }: { label: string; subjects: readonly Case[] }) {
  const { data: all } = useAnswer('cases.list', {}, ['cases.changed']);
  const known = new Set(subjects.map(({ patient }) => patient));
  const current = known.size === 1 ? ([...known][0] ?? '') : '';
  const [text, setText] = useState(current);
  const key = subjects.map(({ id }) => id).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: other cases, or a change elsewhere, begin anew
  useEffect(() => setText(current), [key, current]);
  const list = useId();
  const others = [...new Set((all ?? []).flatMap(({ patient }) => patient ?? []))].sort();
  const conflict = acrossTheWall(subjects, all ?? []);
  const say = () => {
    const patient = text.trim() || null;
    if (patient === (current || null)) return;
    ask('cases.setPatient', { cases: subjects.map(({ id }) => id), patient }).catch((error) => {
      setText(current);
      tellFailure(error);
    });
  };
  return (
    <>
      <label className="row patient-field">
        <span className="quiet">{label}</span>
        <input
          className="input"
          list={list}
          value={text}
          maxLength={120}
          placeholder={known.size > 1 ? 'several' : 'not said'}
          title="Cases of one patient never train a student that is tested on another of them"
          onChange={(event) => setText(event.target.value)}
          onBlur={say}
          onKeyDown={(event) => {
            if (event.key === 'Enter') say();
            if (event.key === 'Escape') setText(current);
            event.stopPropagation();
          }}
        />
        <datalist id={list}>
          {others.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      </label>
      {conflict && (
        <p className="message" data-tone="caution">
          {conflict}
        </p>
      )}
    </>
  );
}
