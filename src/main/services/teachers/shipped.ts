/** Teachers that come with the program: weights files in its resources that say themselves what they are. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AppError } from '../../../shared/errors';
import type { LibraryTeacher } from '../../../shared/teachers';
import type { Desk } from '../desk';
import { factsFrom } from './facts';

export interface ShippedTeacher {
  path: string;
  facts: Omit<LibraryTeacher, 'from' | 'here'>;
}

/** Files are looked into once, and again when they change. */
const known = new Map<string, Promise<ShippedTeacher | null>>();

/** In the order of their names; none where the program carries none. */
export async function shippedTeachers(desk: Desk): Promise<ShippedTeacher[]> {
  const folder = join(desk.facts.resources, 'teachers');
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.safetensors')).sort();
  const shipped = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const { size, mtimeMs, mtime } = await stat(path);
      const key = `${path} ${size} ${mtimeMs}`;
      const found = known.get(key) ?? look(desk, path, mtime.toISOString());
      known.set(key, found);
      found.catch(() => known.delete(key));
      return found;
    }),
  );
  return shipped.filter((one) => one !== null);
}

async function look(desk: Desk, path: string, addedAt: string): Promise<ShippedTeacher | null> {
  try {
    const outcome = await desk.compute.run('importTeacher', { path, family: null, known: [], store: null });
    if (outcome.state === 'stopped') throw new Error(`shippedTeachers: looking into ${path} was stopped`);
    return { path, facts: { ...factsFrom(outcome.result, path), addedAt } };
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'COMPUTE_DIED') throw error;
    console.error(`${basename(path)} came with the program and is no teacher: ${error.message}`);
    return null;
  }
}
