/** What to import, however the person names it: dropped, picked, or typed. */
import { desktop } from '../../api';
import { shared } from '../../ui/shared';

/** Paths the open dialog starts with, or null while it is closed. */
const opened = shared<string[] | null>(null);
export const useImport = opened.use;
export const openImport = (paths: string[]): void => opened.set(paths);
export const closeImport = (): void => opened.set(null);

/** One path a line or several between quotation marks; blank lines are nothing. */
export function readPaths(text: string): string[] {
  return text
    .split('\n')
    .flatMap((line) => (line.includes('"') ? [...line.matchAll(/"([^"]+)"/g)].map((match) => match[1]) : [line]))
    .map((path) => path.trim())
    .filter((path) => path !== '');
}

/** Absolute paths of what was dropped on the desktop window; in a browser nobody may know them. */
export function droppedPaths(files: FileList): string[] {
  const bridge = desktop();
  return bridge ? [...files].map((file) => bridge.pathOf(file)).filter((path) => path !== '') : [];
}
