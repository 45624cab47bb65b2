/**
 * Ours and a peer, each in processes of their own, measured in turn, so that whatever else the machine does meets both alike. The time by the
 * clock is that of two threads; the processor time that of one, which other programs disturb least. Where the machine is too busy for the
 * first, BENCH_THREADS=1 measures one thread alone. BENCH_ROUNDS says how many times both have their turn.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Seconds of the fastest of several runs: others on the machine only ever make a run slower. */
export interface Spent {
  clock: number;
  processor: number;
}
/** Anything measured that is named, and the peak memory of the process. */
export type Measured<K extends string> = Record<K, Spent> & { peakBytes: number };

const root = join(import.meta.dirname, '../../..');
const rounds = Number(process.env.BENCH_ROUNDS ?? 2);
const threadCounts = process.env.BENCH_THREADS === '1' ? [1] : [2, 1];

/** Both sides of a benchmark; the peer is null where this machine has none. `run` is called with a number of threads. */
export function inTurn<K extends string, Ours extends Measured<K>>(
  names: readonly K[],
  run: { ours(threads: number): Ours; peer(threads: number): Measured<K> | null },
): { ours: Ours; peer: Measured<K> | null } {
  const all = Array.from({ length: rounds }, () => threadCounts.map((threads) => ({ ours: run.ours(threads), peer: run.peer(threads) })));
  const best = <T extends Measured<K>>(turns: readonly T[][]): T => {
    const spent = (name: K): Spent => ({
      clock: Math.min(...turns.map((turn) => turn[0][name].clock)),
      processor: Math.min(...turns.map((turn) => turn[turn.length - 1][name].processor)),
    });
    return { ...turns[0][0], ...Object.fromEntries(names.map((name) => [name, spent(name)])) };
  };
  const peers = all.map((turn) => turn.flatMap(({ peer }) => peer ?? []));
  const isComplete = peers.every((turn) => turn.length === threadCounts.length);
  return { ours: best(all.map((turn) => turn.map(({ ours }) => ours))), peer: isComplete ? best(peers) : null };
}

/** A row of the bench. `ratio` is how many times faster than the peer. */
export function comparedRow(name: string, ours: Spent, peer: Spent | undefined, more: { peakMemory?: number } = {}) {
  const row = {
    name: threadCounts[0] === 1 ? `${name}, one thread` : name,
    value: ours.clock,
    unit: 's',
    ours: ours.clock,
    processor: ours.processor,
    ...more,
  };
  if (!peer) return { ...row, note: missingPeer() ?? 'PyTorch failed' };
  const times = (a: number, b: number) => `${(b / a).toFixed(2)}×`;
  const inProcessor = `${ours.processor.toFixed(2)} against ${peer.processor.toFixed(2)} s of processor time: ${times(ours.processor, peer.processor)}`;
  const compared = { peer: peer.clock, ratio: peer.clock / ours.clock, peerProcessor: peer.processor };
  return { ...row, ...compared, note: `${times(ours.clock, peer.clock)} PyTorch; on one thread ${inProcessor}` };
}

/** Calls an exported function of a file in a fresh Node process. */
export function inChild<T>(file: string, name: string, ...given: unknown[]): T {
  const program = `
    import { runnerImport } from 'vite';
    const { module } = await runnerImport(${JSON.stringify(file)}, { root: ${JSON.stringify(root)}, configFile: false, logLevel: 'error' });
    console.log(JSON.stringify(await module[${JSON.stringify(name)}](...${JSON.stringify(given)})));`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: root, encoding: 'utf8' });
  return JSON.parse(said.trim().split('\n').at(-1) as string);
}

/** Runs a script of the benchmarks with Debian's Python; null where that has no PyTorch to compare with. */
export function inPython<T>(script: string, given: { threads: number }): T | null {
  if (missingPeer()) return null;
  try {
    return JSON.parse(python(given.threads, join(import.meta.dirname, '..', script), JSON.stringify(given)));
  } catch {
    return null;
  }
}

let missing: string | null | undefined;
/** Why there is nobody to compare with, or null. Multiplying with the reference BLAS, PyTorch takes several times as long as it need. */
function missingPeer(): string | null {
  if (missing !== undefined) return missing;
  try {
    const isFast = python(
      1,
      '-c',
      "import torch; print(any(name in open('/proc/self/maps').read() for name in ('openblas', 'mkl_', 'blis')))",
    );
    missing = isFast.includes('True') ? null : 'no fair peer: PyTorch has only the reference BLAS here; libopenblas0-pthread helps';
  } catch {
    missing = 'no PyTorch at /usr/bin/python3';
  }
  return missing;
}

/** Its BLAS has threads of its own and does not ask PyTorch how many. */
const python = (threads: number, ...given: string[]): string =>
  execFileSync('/usr/bin/python3', given, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, OPENBLAS_NUM_THREADS: String(threads) },
  });

/** The fastest of several runs in this process. */
export async function fastest(work: () => Promise<unknown>, times: number): Promise<Spent> {
  const best = { clock: Number.POSITIVE_INFINITY, processor: Number.POSITIVE_INFINITY };
  for (let i = 0; i < times; i++) {
    const before = process.cpuUsage();
    const start = performance.now();
    await work();
    best.clock = Math.min(best.clock, (performance.now() - start) / 1000);
    const { user, system } = process.cpuUsage(before);
    best.processor = Math.min(best.processor, (user + system) / 1e6);
  }
  return best;
}
