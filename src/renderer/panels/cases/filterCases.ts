/** Which cases the list shows: by label, by split, by name, or worst first for a structure. */
import type { Case, CaseId, Structure } from '../../../shared/domain';
import type { EvaluationSummary } from '../../../shared/evaluation';
import { readable } from '../../ui/words';

export const caseFilters = ['all', 'labelled', 'draft', 'unlabelled', 'test'] as const;
export type CaseFilter = (typeof caseFilters)[number];

const belongs: Record<CaseFilter, (subject: Case) => boolean> = {
  all: () => true,
  labelled: ({ label, split }) => label?.state === 'complete' && split !== 'test',
  draft: ({ label }) => label?.state === 'draft',
  unlabelled: ({ label }) => label === null,
  test: ({ split }) => split === 'test',
};

/** How many cases each filter would show. */
export function countCases(cases: readonly Case[]): Record<CaseFilter, number> {
  const count = (filter: CaseFilter) => cases.filter(belongs[filter]).length;
  return {
    all: count('all'),
    labelled: count('labelled'),
    draft: count('draft'),
    unlabelled: count('unlabelled'),
    test: count('test'),
  };
}

/**
 * Cases that pass the filter and whose name holds every word of the search.
 * `worst` sorts the evaluated cases of `scores` by mean Dice, `worst liver` by the Dice of that structure, lowest first.
 */
export function filterCases(
  cases: readonly Case[],
  filter: CaseFilter,
  search: string,
  scores: EvaluationSummary | undefined,
  structures: readonly Structure[],
): Case[] {
  const kept = cases.filter(belongs[filter]);
  const words = search.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (words[0] === 'worst') return worstFirst(kept, scores, structureOf(words.slice(1), structures));
  return kept.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
}

function structureOf(words: readonly string[], structures: readonly Structure[]): number | null {
  if (words.length === 0) return null;
  return structures.find(({ name }) => words.every((word) => readable(name).toLowerCase().includes(word)))?.index ?? null;
}

function worstFirst(cases: readonly Case[], scores: EvaluationSummary | undefined, structure: number | null): Case[] {
  const dice = new Map<CaseId, number>();
  for (const { case: id, meanDice, structures } of scores?.cases ?? []) {
    const value = structure === null ? meanDice : structures.find((scored) => scored.structure === structure)?.dice;
    if (value !== undefined) dice.set(id, value);
  }
  return cases.filter(({ id }) => dice.has(id)).sort((a, b) => dice.get(a.id)! - dice.get(b.id)!);
}
