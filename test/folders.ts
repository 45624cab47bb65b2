/** Folders for a while. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

const made = () => mkdtempSync(join(tmpdir(), 'understudy-test-'));
const removed = (folder: string) => () => rmSync(folder, { recursive: true, force: true });

/** A folder that is removed when the test ends. */
export function temporaryFolder(): string {
  const folder = made();
  onTestFinished(removed(folder));
  return folder;
}

/** A folder for all tests of a file, removed after the last. */
export function sharedFolder(): string {
  const folder = made();
  afterAll(removed(folder));
  return folder;
}
