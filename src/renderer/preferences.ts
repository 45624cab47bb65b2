/** Theme and interface scale: the person's own, kept by this browser or window, never part of a project. */
import { useSyncExternalStore } from 'react';

export interface Preferences {
  theme: 'dark' | 'light';
  /** Interface scale in percent, or 'auto' to follow the screen. */
  scale: 'auto' | number;
}
export const scales = [80, 90, 100, 110, 125, 150, 175, 200, 250] as const;

const key = 'understudy.preferences';
const watchers = new Set<() => void>();
let preferences: Preferences = read();

function read(): Preferences {
  const kept = (() => {
    try {
      return JSON.parse(globalThis.localStorage?.getItem(key) ?? 'null') as Partial<Preferences> | null;
    } catch {
      // Blocked or damaged storage: the defaults are good.
      return null;
    }
  })();
  return {
    theme: kept?.theme === 'light' ? 'light' : 'dark',
    scale: scales.find((scale) => scale === kept?.scale) ?? 'auto',
  };
}

/** Puts the preferences on the page's root, where tokens.css reads them. */
export function applyPreferences(): void {
  const root = document.documentElement;
  root.dataset.theme = preferences.theme;
  if (preferences.scale === 'auto') root.style.removeProperty('--scale');
  else root.style.setProperty('--scale', String(preferences.scale / 100));
}

export function setPreferences(change: Partial<Preferences>): void {
  preferences = { ...preferences, ...change };
  try {
    localStorage.setItem(key, JSON.stringify(preferences));
  } catch {
    // Storage is blocked: the choice holds until the page is closed.
  }
  applyPreferences();
  for (const changed of watchers) changed();
}

export const usePreferences = (): Preferences =>
  useSyncExternalStore(
    (changed) => {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    () => preferences,
  );
