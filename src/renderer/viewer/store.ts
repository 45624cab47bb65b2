/** A value that many look at and few change: what the scenes outside React share with the toolbar inside it. */
import { useSyncExternalStore } from 'react';

export interface Store<State> {
  get(): State;
  /** Replaces some fields. Listeners hear only of real changes. */
  set(change: Partial<State>): void;
  listen(hear: () => void): () => void;
}

export function createStore<State extends object>(first: State): Store<State> {
  let state = first;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    set(change) {
      const keys = Object.keys(change) as (keyof State)[];
      if (keys.every((key) => Object.is(change[key], state[key]))) return;
      state = { ...state, ...change };
      for (const hear of [...listeners]) hear();
    },
    listen(hear) {
      listeners.add(hear);
      return () => listeners.delete(hear);
    },
  };
}

/** One part of a store, inside a component. `select` must return the same value for the same state. */
export const useStore = <State extends object, Part>(store: Store<State>, select: (state: State) => Part): Part =>
  useSyncExternalStore(store.listen, () => select(store.get()));
