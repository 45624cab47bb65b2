/** The rows of the list: arrows move through them, Ctrl and Shift pick several, whose split is then set at once. */
import { type KeyboardEvent, type MouseEvent, useEffect, useRef, useState } from 'react';
import type { Case } from '../../../shared/domain';
import { go } from '../../place';
import { counted } from '../../ui/numbers';
import { badgeOf } from './describeCase';
import { PatientField } from './PatientField';
import { SplitChoice } from './SplitChoice';
import { inSight, nothingPicked, pick } from './selection';
import { Thumbnail } from './Thumbnail';

export function CaseRows({ cases, chosen }: { cases: Case[]; chosen: Case | undefined }) {
  const [selection, setSelection] = useState(nothingPicked);
  const ids = cases.map(({ id }) => id);
  const picked = inSight(selection, ids);
  const at = cases.findIndex(({ id }) => id === chosen?.id);

  const move = (event: KeyboardEvent) => {
    const targets: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: cases.length - 1 };
    const target = targets[event.key];
    if (event.key === 'Escape') setSelection(nothingPicked);
    if (target === undefined) return;
    event.preventDefault();
    const next = cases[Math.min(cases.length - 1, Math.max(0, target))];
    setSelection(pick(selection, ids, next.id, chosen?.id, { shiftKey: event.shiftKey, ctrlKey: false, metaKey: false }));
    go('cases', next.id);
    document.getElementById(`case-${next.id}`)?.focus();
  };
  const press = (event: MouseEvent, subject: Case) => {
    setSelection(pick(selection, ids, subject.id, chosen?.id, event));
    if (!event.shiftKey && !event.ctrlKey && !event.metaKey) go('cases', subject.id);
  };

  const pickedCases = cases.filter(({ id }) => picked.includes(id));
  const splits = new Set(pickedCases.map(({ split }) => split));
  return (
    <>
      <div className="case-rows" role="listbox" tabIndex={-1} aria-label="Cases" aria-multiselectable="true" onKeyDown={move}>
        {cases.map((subject, row) => (
          <CaseRow
            key={subject.id}
            subject={subject}
            isChosen={row === at}
            isPicked={picked.includes(subject.id)}
            isTabStop={row === Math.max(0, at)}
            onPress={press}
          />
        ))}
      </div>
      {picked.length > 1 && (
        <div className="case-picked">
          <div className="row">
            <span>{counted(picked.length, 'case')} picked</span>
            <SplitChoice label="Split of the picked cases" cases={picked} split={splits.size === 1 ? [...splits][0] : null} />
          </div>
          <PatientField label="Patient" subjects={pickedCases} />
        </div>
      )}
    </>
  );
}

interface CaseRowProps {
  subject: Case;
  isChosen: boolean;
  isPicked: boolean;
  isTabStop: boolean;
  onPress(event: MouseEvent, subject: Case): void;
}

function CaseRow({ subject, isChosen, isPicked, isTabStop, onPress }: CaseRowProps) {
  const row = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isChosen) row.current?.scrollIntoView({ block: 'nearest' });
  }, [isChosen]);
  const badge = badgeOf(subject);
  return (
    <button
      ref={row}
      type="button"
      id={`case-${subject.id}`}
      className="case-row"
      role="option"
      aria-selected={isChosen || isPicked}
      data-chosen={isChosen || undefined}
      tabIndex={isTabStop ? 0 : -1}
      title="Ctrl or Shift with a press picks several cases, to set their split or patient at once"
      onClick={(event) => onPress(event, subject)}
    >
      <Thumbnail subject={subject} />
      <span className="grow">
        <strong className="ellipsis" title={subject.name}>
          {subject.name}
        </strong>
        <span className="caption ellipsis">{subject.grid.size.join('×')}</span>
      </span>
      <span className="badge" data-tone={badge.tone}>
        {badge.label}
      </span>
    </button>
  );
}
