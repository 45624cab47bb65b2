/**
 * Graphs as the runtime has optimised them, kept on disk. To read a large teacher's weights, build its graph and have it optimised takes
 * the better part of a second, to load the result a few tenths of one. A graph is good for the program, runtime and processor that made it, so all of them
 * are part of its name.
 */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readFile, rename, rm, utimes } from 'node:fs/promises';
import { cpus } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { workerData } from 'node:worker_threads';
import type { Model } from '../../engine/onnx';
import { lyingBeside, protobufLimit, weightBytes } from '../../engine/onnx/file';
import { runtimeVersion, Session } from '../../engine/session';
import { makeFolder } from '../../files/durable';
import { removeOldest } from '../../files/oldest';
import { type Place, sessionOf } from './network';

export interface Graphs {
  /**
   * A session of the graph that `make` builds.
   * @param made everything that decides what that graph is
   * @param weights the file they are in
   */
  session(made: unknown, weights: string, place: Place, make: () => Model): Promise<Session>;
}

const ending = '.onnx';

/** @param bytes what the folder may hold; at least the newest graph stays, and 0 keeps none */
export function graphsIn(folder: string, bytes: number): Graphs {
  return {
    async session(made, weights, place, make) {
      const path = join(folder, `${keyOf([made, basename(weights)], place)}${ending}`);
      const found = await loaded(path, dirname(weights), place);
      if (found) return found;
      const model = make();
      // A graph that holds more than its format can could not be written in one piece.
      const isTooLarge = !lyingBeside(model) && weightBytes(model) > protobufLimit / 2;
      if (bytes === 0 || isTooLarge) return sessionOf(model, place);
      const session = await stored(path, model, place);
      if (existsSync(path)) await removeOldest(path, bytes);
      return session;
    },
  };
}

/** The session of a kept graph, which counts as used now; null if there is none, or it cannot be read. */
async function loaded(path: string, weightsIn: string, place: Place): Promise<Session | null> {
  const graph = await readFile(path).catch(() => null);
  if (!graph) return null;
  try {
    const session = await Session.create(graph, { ...place, weightsIn, graph: 'as it is' });
    const now = new Date();
    await utimes(path, now, now);
    return session;
  } catch {
    // Something cut it short or wrote into it: it is only made again.
    await rm(path, { force: true });
    return null;
  }
}

/** A session whose graph is kept, unless the disk has no room for it. */
async function stored(path: string, model: Model, place: Place): Promise<Session> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.part`;
  try {
    await makeFolder(dirname(path));
    const session = await sessionOf(model, { ...place, keepGraphAt: temporary });
    await rename(temporary, path);
    return session;
  } catch {
    await rm(temporary, { force: true });
    return sessionOf(model, place);
  }
}

const keyOf = (made: unknown, { device, threads }: Place): string =>
  createHash('sha256')
    .update(JSON.stringify([made, device, threads, runtimeVersion(), cpus()[0]?.model, program()]))
    .digest('hex');

let known: string | null = null;
/** The code that is running, by its hash: another version may build another graph of the same weights. */
function program(): string {
  if (known) return known;
  const folder = (workerData as { folder?: string } | null)?.folder ?? import.meta.dirname;
  const digest = createHash('sha256');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && /\.[jt]s$/.test(entry.name),
  );
  for (const path of files.map((entry) => join(entry.parentPath, entry.name)).sort()) digest.update(readFileSync(path));
  known = digest.digest('hex');
  return known;
}
