/** Theme, interface scale and which way slices face: the person's own, kept by this browser or window, never part of a project. */
import { shared } from './ui/shared';
import type { Convention } from './viewer/planes';

export interface Preferences {
  theme: 'dark' | 'light';
  /** Interface scale in percent, or 'auto' to follow the screen. */
  scale: 'auto' | number;
  /** Which side of the screen the patient's right is on, everywhere. */
  convention: Convention;
}
export const scales = [80, 90, 100, 110, 125, 150, 175, 200, 250] as const;

const key = 'understudy.preferences';
const preferences = shared<Preferences>(read());

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
    convention: kept?.convention === 'neurological' ? 'neurological' : 'radiological',
  };
}

/** Puts the preferences on the page's root, where tokens.css reads them. */
export function applyPreferences(): void {
  const { theme, scale } = preferences.get();
  const root = document.documentElement;
  root.dataset.theme = theme;
  if (scale === 'auto') root.style.removeProperty('--scale');
  else root.style.setProperty('--scale', String(scale / 100));
}

export function setPreferences(change: Partial<Preferences>): void {
  preferences.set({ ...preferences.get(), ...change });
  try {
    localStorage.setItem(key, JSON.stringify(preferences.get()));
  } catch {
    // Storage is blocked: the choice holds until the page is closed.
  }
  applyPreferences();
}

export const usePreferences = preferences.use;
