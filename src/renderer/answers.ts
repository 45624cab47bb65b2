/** Answers of the core, shared by every panel that asks the same: kept while they are fetched again, dropped when nobody looks. */
import { useCallback, useSyncExternalStore } from 'react';
import type { Input, Name, Output } from '../shared/contract';
import { AppError, appError } from '../shared/errors';
import type { Announcement, EventName, Events } from '../shared/events';
import { ask, listen } from './api';
import { shared } from './ui/shared';

export interface Answer<T> {
  /** The last good answer, also while a newer one is on its way. */
  data: T | undefined;
  /** Why the last question failed; the data before it stays. */
  error: AppError | undefined;
  /** True until the first answer or failure. */
  isLoading: boolean;
  again: () => void;
}

interface Entry {
  name: Name;
  input: unknown;
  events: ReadonlySet<EventName>;
  state: { data: unknown; error: AppError | undefined };
  watchers: Set<() => void>;
  inFlight: AbortController | null;
  /** Something changed while a question was under way: ask once more when it is answered. */
  isStale: boolean;
}

const entries = new Map<string, Entry>();
const nothingYet: Entry['state'] = { data: undefined, error: undefined };

/** Asks `name` while the component is shown, and again whenever one of `events` is announced. A null input asks nothing. */
export function useAnswer<K extends Name>(name: K, input: Input<K> | null, events: readonly EventName[] = []): Answer<Output<K>> {
  const key = input === null ? null : `${name} ${JSON.stringify(input)}`;
  // The key stands for name and input; events are constants at every call site.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const watch = useCallback((changed: () => void) => (key === null ? () => {} : watchEntry(key, name, input, events, changed)), [key]);
  const state = useSyncExternalStore(watch, () => (key === null ? nothingYet : (entries.get(key)?.state ?? nothingYet)));
  const again = useCallback(() => {
    const entry = key === null ? undefined : entries.get(key);
    if (entry) refresh(entry);
  }, [key]);
  return {
    data: state.data as Output<K> | undefined,
    error: state.error,
    isLoading: key !== null && state.data === undefined && state.error === undefined,
    again,
  };
}

function watchEntry(key: string, name: Name, input: unknown, events: readonly EventName[], changed: () => void): () => void {
  let entry = entries.get(key);
  if (!entry) {
    entry = { name, input, events: new Set(events), state: nothingYet, watchers: new Set(), inFlight: null, isStale: false };
    entries.set(key, entry);
  }
  const watched = entry;
  const isFirst = watched.watchers.size === 0;
  watched.watchers.add(changed);
  // A kept answer is shown at once, and checked.
  if (isFirst) refresh(watched);
  return () => {
    watched.watchers.delete(changed);
    if (watched.watchers.size > 0) return;
    watched.inFlight?.abort();
    watched.inFlight = null;
    if (watched.state.data === undefined) entries.delete(key);
  };
}

function refresh(entry: Entry): void {
  if (entry.watchers.size === 0) return;
  if (entry.inFlight) {
    entry.isStale = true;
    return;
  }
  const controller = new AbortController();
  entry.inFlight = controller;
  entry.isStale = false;
  const settle = (state: Entry['state']) => {
    if (entry.inFlight !== controller) return;
    entry.inFlight = null;
    entry.state = state;
    for (const changed of entry.watchers) changed();
    if (entry.isStale) refresh(entry);
  };
  ask(entry.name, entry.input as never, controller.signal).then(
    (data) => settle({ data, error: undefined }),
    (error: unknown) => {
      if (controller.signal.aborted) return; // nobody waits for it any more
      settle({ data: entry.state.data, error: asAppError(error) });
    },
  );
}

/** How often a question that follows `run.progress` is asked at most. */
const progressPauseMs = 2000;
let progressTimer: ReturnType<typeof setTimeout> | null = null;

function follow(name: EventName): void {
  if (name === 'run.progress') {
    if (progressTimer !== null) return;
    progressTimer = setTimeout(() => {
      progressTimer = null;
      refreshThoseThatFollow(name);
    }, progressPauseMs);
  } else refreshThoseThatFollow(name);
}

function refreshThoseThatFollow(name: EventName): void {
  for (const [key, entry] of entries) {
    // Another project makes every answer another one, kept ones included.
    if (name === 'project.changed' && entry.watchers.size === 0) entries.delete(key);
    else if (name === 'project.changed' || entry.events.has(name)) refresh(entry);
  }
}

const hearers = new Set<(announcement: Announcement) => void>();
const isLineUp = shared(true);

/** Opens the stream of announcements. Called once, before the first render. */
export function startListening(): () => void {
  return listen(
    (announcement) => {
      for (const hear of hearers) hear(announcement);
      follow(announcement.name);
    },
    () => {
      for (const entry of entries.values()) refresh(entry);
    },
    isLineUp.set,
  );
}

/** False while the stream of announcements is broken and being opened again. */
export const useIsConnected = isLineUp.use;

/** Calls `hear` with each announcement of one name. */
export function onEvent<K extends EventName>(name: K, hear: (data: Events[K]) => void): () => void {
  const filtered = (announcement: Announcement) => {
    if (announcement.name === name) hear(announcement.data as Events[K]);
  };
  hearers.add(filtered);
  return () => hearers.delete(filtered);
}

/** Failures of the core as they came; anything else is a bug of this page and goes to the console as well. */
export function asAppError(failure: unknown): AppError {
  if (failure instanceof AppError) return failure;
  console.error(failure);
  return appError('JOB_FAILED', 'The last action', failure instanceof Error ? failure.message : String(failure));
}
