/** A value outside React's tree that components follow: one holder for what the whole page shares. */
import { useSyncExternalStore } from 'react';

export interface Shared<T> {
  get: () => T;
  set: (next: T) => void;
  /** The value, redrawing the component when it changes. */
  use: () => T;
}

export function shared<T>(initial: T): Shared<T> {
  let value = initial;
  const watchers = new Set<() => void>();
  const get = () => value;
  const watch = (changed: () => void) => {
    watchers.add(changed);
    return () => watchers.delete(changed);
  };
  return {
    get,
    set(next) {
      value = next;
      for (const changed of watchers) changed();
    },
    use: () => useSyncExternalStore(watch, get),
  };
}
