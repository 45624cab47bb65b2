/** Where the person is: panel and chosen item, kept in the address so that a reload comes back to it. */
import { useSyncExternalStore } from 'react';

export const panels = ['cases', 'runs', 'studies', 'results', 'models', 'teachers', 'ledger', 'project'] as const;
export type Panel = (typeof panels)[number];
export interface Place {
  panel: Panel;
  /** Id of the chosen case, run or model. */
  id: string | null;
  /** Index of a structure to look at, or null. */
  structure: number | null;
}

/** Reads `#panel/id/structure`; anything else is the list of cases. */
export function readPlace(hash: string): Place {
  const [panel, id, structure] = hash.replace(/^#\/?/, '').split('/');
  return {
    panel: panels.find((known) => known === panel) ?? 'cases',
    id: id || null,
    structure: /^\d{1,3}$/.test(structure ?? '') ? Number(structure) : null,
  };
}

export const addressOf = ({ panel, id, structure }: { panel: Panel; id?: string | null; structure?: number | null }): string =>
  `#${[panel, id ?? '', structure ?? ''].join('/').replace(/\/+$/, '')}`;

/** Goes to a place. The browser's Back returns from it. */
export function go(panel: Panel, id: string | null = null, structure: number | null = null): void {
  window.location.hash = addressOf({ panel, id, structure });
}

/** Names what is shown without adding a step to Back: for a first choice that nobody made. */
export function settle(panel: Panel, id: string): void {
  window.history.replaceState(null, '', addressOf({ panel, id }));
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}

let last: { hash: string; place: Place } | null = null;
function current(): Place {
  const { hash } = window.location;
  if (last?.hash !== hash) last = { hash, place: readPlace(hash) };
  return last.place;
}
function watch(changed: () => void): () => void {
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
}

/** The place shown now. */
export const usePlace = (): Place => useSyncExternalStore(watch, current);
