/**
 * Reading all tensors of a `.pth` of 400 MB, checksums included: time and memory, against PyTorch loading the same file; and importing one:
 * recognised, hashed, read and stored.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint } from '../../src/main/checkpoints/checkpoint';
import { importTeacher } from '../../src/main/compute/jobs/importTeacher';
import type { JobContext } from '../../src/main/compute/protocol';
import { officialSams, samParameters } from '../../src/main/networks/sam/spec';
import { random } from '../../src/shared/random';
import { writeOfficialFile } from '../checkpoints/officialFile';
import { dictionary, type Member, pickled, tensor, zipParts } from '../checkpoints/writers';

/** Megabytes per tensor: as in a vision transformer, some large ones and many of a few MB. */
const sizes = [50, 50, ...new Array<number>(100).fill(3)];

export default async function* measure() {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-bench-'));
  try {
    const path = join(folder, 'weights.pth');
    write(path);
    const megabytes = statSync(path).size / 1e6;
    yield { name: 'size of the file', value: megabytes, unit: 'MB' };
    const { seconds, processorSeconds, risen } = await readAll(path);
    yield { name: 'all tensors read', value: seconds, unit: 's', note: 'at most 10' };
    yield { name: 'processor time of it', value: processorSeconds, unit: 's' };
    yield { name: 'speed', value: megabytes / seconds, unit: 'MB/s' };
    yield { name: 'peak memory above the start', value: risen, unit: 'MB', note: 'at most 250: the largest tensor and 200' };
    const peer = pytorch(path);
    if (peer) {
      yield { name: 'torch.load', value: peer.seconds, unit: 's', note: 'peer' };
      yield { name: 'processor time of it', value: peer.processorSeconds, unit: 's', note: 'peer, which verifies no checksums' };
      yield { name: 'our processor time over PyTorch’s', value: processorSeconds / peer.processorSeconds, unit: '×' };
    }
    yield* importing(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** SAM-Med3D as it is downloaded, all the way into a project's store; its check is not counted. */
async function* importing(folder: string) {
  const path = writeOfficialFile(join(folder, 'sam_med3d_turbo.pth'), samParameters(officialSams['SAM-Med3D']));
  const context: JobContext<'importTeacher'> = { report: () => undefined, stopped: false, breathe: async () => undefined };
  const [start, usage] = [performance.now(), process.cpuUsage()];
  const { file } = await importTeacher({ path, family: null, known: [], store: join(folder, 'files') }, context);
  const { user, system } = process.cpuUsage(usage);
  if (!file) throw new Error('nothing was stored');
  yield {
    name: 'import of SAM-Med3D',
    value: (performance.now() - start) / 1000,
    unit: 's',
    note: `${statSync(path).size / 1e6} MB; at most 10`,
  };
  yield { name: 'processor time of it', value: (user + system) / 1e6, unit: 's' };
}

async function readAll(path: string): Promise<{ seconds: number; processorSeconds: number; risen: number }> {
  const base = process.memoryUsage.rss();
  let peak = base;
  const look = () => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  const timer = setInterval(look, 2);
  const usage = process.cpuUsage();
  const start = performance.now();
  const checkpoint = await openCheckpoint(path);
  for (const { name, dims } of checkpoint.entries) {
    const { data } = await checkpoint.read(name);
    if (data.length !== dims[0]) throw new Error(`${name}: ${data.length} numbers`);
    look();
  }
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(usage);
  clearInterval(timer);
  await checkpoint.close();
  return { seconds, processorSeconds: (user + system) / 1e6, risen: (peak - base) / 1e6 };
}

/** Written in pieces, so that the writer's memory does not count as the reader's. */
function write(path: string): void {
  const largest = new Float32Array((Math.max(...sizes) * 1e6) / 4);
  const stream = random(1);
  for (let n = 0; n < largest.length; n++) largest[n] = stream.uniform(-1, 1);
  const counts = sizes.map((size) => (size * 1e6) / 4);
  const tensors = counts.map((count, n) => [`layer.${n}.weight`, tensor({ key: String(n), count, dims: [count] })] as const);
  const members: Member[] = [
    { name: 'weights/data.pkl', bytes: pickled(dictionary(tensors)) },
    ...counts.map((count, n) => ({ name: `weights/data/${n}`, bytes: new Uint8Array(largest.buffer, 0, count * 4) })),
    { name: 'weights/version', bytes: Buffer.from('3\n') },
  ];
  const file = openSync(path, 'w');
  for (const part of zipParts(members)) for (let at = 0; at < part.length; ) at += writeSync(file, part, at);
  closeSync(file);
}

/** The import of torch is not counted; null where there is no PyTorch. */
function pytorch(path: string): { seconds: number; processorSeconds: number } | null {
  const script = `
import sys, time, torch
start, work = time.time(), time.process_time()
weights = torch.load(sys.argv[1], map_location='cpu')
assert sum(w.numel() for w in weights.values()) == ${sizes.reduce((sum, size) => sum + (size * 1e6) / 4, 0)}
print(time.time() - start, time.process_time() - work)`;
  try {
    const said = execFileSync('/usr/bin/python3', ['-c', script, path], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const [seconds, processorSeconds] = said.split(' ').map(Number);
    return { seconds, processorSeconds };
  } catch {
    return null;
  }
}
