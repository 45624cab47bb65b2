/** The cases of the project: search, filters with counts, and a list that arrows move through. */
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import type { Case, Structure } from '../../../shared/domain';
import { useAnswer } from '../../answers';
import { go } from '../../place';
import { EmptyState } from '../../ui/EmptyState';
import { whole } from '../../ui/numbers';
import { Segmented } from '../../ui/Segmented';
import { badgeOf } from './describeCase';
import { type CaseFilter, caseFilters, countCases, filterCases } from './filterCases';
import { ImportButton } from './ImportButton';
import { NextSteps } from './NextSteps';
import { Thumbnail } from './Thumbnail';

const filterHints: Record<CaseFilter, string> = {
  all: 'All cases',
  labelled: 'Labelled cases outside the test split',
  unlabelled: 'Cases without labels',
  test: 'Cases kept for the test',
};
const filterNames: Record<CaseFilter, string> = { all: 'All', labelled: 'Labels', unlabelled: 'None', test: 'Test' };

export function CaseList({ cases, structures, chosen }: { cases: Case[]; structures: Structure[]; chosen: Case | undefined }) {
  const [filter, setFilter] = useState<CaseFilter>('all');
  const [search, setSearch] = useState('');
  const searchField = useRef<HTMLInputElement>(null);
  const { data: evaluations } = useAnswer('evaluations.list', {}, ['evaluations.changed']);
  const counts = useMemo(() => countCases(cases), [cases]);
  const shown = useMemo(
    () => filterCases(cases, filter, search, evaluations?.[0], structures),
    [cases, filter, search, evaluations, structures],
  );
  useSlashKey(searchField);
  return (
    <section className="case-list" aria-label="Cases">
      <header>
        <h2>Cases</h2>
        <span className="caption">{shown.length === cases.length ? whole(cases.length) : `${shown.length} of ${cases.length}`}</span>
      </header>
      <div className="case-filters">
        <input
          ref={searchField}
          className="input"
          type="search"
          value={search}
          placeholder={evaluations?.length ? 'Search, or “worst liver”' : 'Search'}
          aria-label="Search the cases"
          aria-keyshortcuts="/"
          onChange={(event) => setSearch(event.target.value)}
        />
        <Segmented
          label="Which cases"
          value={filter}
          options={caseFilters.map((value) => ({ value, label: `${filterNames[value]} ${counts[value]}`, title: filterHints[value] }))}
          onChange={setFilter}
        />
      </div>
      {shown.length === 0 ? (
        <EmptyState title="No case matches">
          {search.startsWith('worst')
            ? 'Only evaluated cases can be sorted by how well they agree. Evaluate a model in Results.'
            : 'Change the search or the filter above.'}
        </EmptyState>
      ) : (
        <CaseRows cases={shown} chosen={chosen} />
      )}
      <footer>
        <NextSteps />
        <ImportButton size="wide" />
      </footer>
    </section>
  );
}

function CaseRows({ cases, chosen }: { cases: Case[]; chosen: Case | undefined }) {
  const at = cases.findIndex(({ id }) => id === chosen?.id);
  const move = (event: KeyboardEvent) => {
    const targets: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: cases.length - 1 };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    const next = cases[Math.min(cases.length - 1, Math.max(0, target))];
    go('cases', next.id);
    document.getElementById(`case-${next.id}`)?.focus();
  };
  return (
    <div className="case-rows" role="listbox" tabIndex={-1} aria-label="Cases" onKeyDown={move}>
      {cases.map((subject, row) => (
        <CaseRow key={subject.id} subject={subject} isChosen={row === at} isTabStop={row === Math.max(0, at)} />
      ))}
    </div>
  );
}

function CaseRow({ subject, isChosen, isTabStop }: { subject: Case; isChosen: boolean; isTabStop: boolean }) {
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
      aria-selected={isChosen}
      tabIndex={isTabStop ? 0 : -1}
      onClick={() => go('cases', subject.id)}
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

function useSlashKey(field: React.RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const hear = (event: globalThis.KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && event.target.matches('input, select, textarea');
      if (event.key !== '/' || isTyping) return;
      event.preventDefault();
      field.current?.focus();
    };
    window.addEventListener('keydown', hear);
    return () => window.removeEventListener('keydown', hear);
  }, [field]);
}
