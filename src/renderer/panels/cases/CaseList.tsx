/** The cases of the project: search, filters with counts, and a list that arrows move through. */
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Case, Structure } from '../../../shared/domain';
import { useAnswer } from '../../answers';
import { EmptyState } from '../../ui/EmptyState';
import { whole } from '../../ui/numbers';
import { Segmented } from '../../ui/Segmented';
import { CaseRows } from './CaseRows';
import { type CaseFilter, caseFilters, countCases, filterCases } from './filterCases';
import { ImportButton } from './ImportButton';
import { NextSteps } from './NextSteps';

const filterHints: Record<CaseFilter, string> = {
  all: 'All cases',
  labelled: 'Cases with a complete label, outside the test split',
  draft: 'Cases whose label is not complete yet',
  unlabelled: 'Cases without labels',
  test: 'Cases kept for the test',
};
const filterNames: Record<CaseFilter, string> = { all: 'All', labelled: 'Labels', draft: 'Draft', unlabelled: 'None', test: 'Test' };

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
  // Where every label is complete, nobody has to know of drafts.
  const offered = caseFilters.filter((one) => one !== 'draft' || counts.draft > 0 || filter === 'draft');
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
          options={offered.map((value) => ({ value, label: `${filterNames[value]} ${counts[value]}`, title: filterHints[value] }))}
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
        <NextSteps chosen={chosen} />
        <ImportButton size="wide" />
      </footer>
    </section>
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
