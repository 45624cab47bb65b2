/** Import of a whole-body CT of 400×400×326 int16 as `.nii.gz`: time and peak memory of the compute process, against nibabel doing the same. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCompute } from '../../src/main/compute/host';
import { writeNifti } from '../../src/main/imaging/niftiWrite';
import { random } from '../../src/shared/random';

const size = [400, 400, 326] as const;

export default async function* measure() {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-bench-'));
  const compute = startCompute(join(import.meta.dirname, '../../out/main/compute.js'));
  try {
    const path = join(folder, 'whole-body.nii.gz');
    await writeNifti(path, bodyLike());
    yield { name: 'size of the file', value: statSync(path).size / 1e6, unit: 'MB' };
    const start = performance.now();
    await compute.run('decode', { path, role: 'image', store: join(folder, 'store') });
    const seconds = (performance.now() - start) / 1000;
    yield { name: 'import (start of the process included)', value: seconds, unit: 's', note: 'at most 6' };
    const peak = peakMegabytes(compute.pid);
    if (peak !== null) yield { name: 'peak memory of the import', value: peak, unit: 'MB', note: 'at most 1000' };
    const peer = nibabel(path, join(folder, 'peer.nii'));
    if (peer) {
      yield { name: 'nibabel: load, reorient, percentiles, save', value: peer.seconds, unit: 's', note: 'peer' };
      yield { name: 'nibabel: peak memory', value: peer.megabytes, unit: 'MB', note: 'peer' };
      yield { name: 'our time over nibabel’s', value: seconds / peer.seconds, unit: '×' };
    }
  } finally {
    await compute.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A noisy cylinder in noisy air, stored as scanners do (LPS): deflates to about 46 MB; a real CT of this size has 54. */
function bodyLike() {
  const [ni, nj, nk] = size;
  const stream = random(1);
  const noise = Int16Array.from({ length: 65_537 }, () => Math.round(14 * stream.normal()));
  const voxels = new Int16Array(ni * nj * nk);
  for (let k = 0, n = 0; k < nk; k++) {
    for (let j = 0; j < nj; j++) {
      for (let i = 0; i < ni; i++, n++) {
        const inside = ((i - 200) / 150) ** 2 + ((j - 200) / 110) ** 2 < 1;
        const grain = noise[(n * 31) % 65_537];
        voxels[n] = inside ? 40 + grain : -1000 + (grain >> 1);
      }
    }
  }
  return { grid: { size, affine: [-1.5, 0, 0, 300, 0, -1.5, 0, 300, 0, 0, 3, -500, 0, 0, 0, 1] }, voxels };
}

/** High-water mark of a process's resident memory; null where the system does not tell. */
function peakMegabytes(pid: number | null): number | null {
  try {
    const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes ? Number(kilobytes) / 1000 : null;
  } catch {
    return null;
  }
}

/** The same work in Python, if it is installed. */
function nibabel(path: string, out: string): { seconds: number; megabytes: number } | null {
  const script = `
import sys, time, resource
start = time.time()
import nibabel, numpy
image = nibabel.as_closest_canonical(nibabel.load(sys.argv[1]))
data = numpy.asarray(image.dataobj)
numpy.percentile(data, [0.5, 5, 50, 95, 99.5])
nibabel.save(nibabel.Nifti1Image(data, image.affine), sys.argv[2])
print(time.time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)`;
  try {
    const [seconds, megabytes] = execFileSync('/usr/bin/python3', ['-c', script, path, out], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .split(' ')
      .map(Number);
    return { seconds, megabytes };
  } catch {
    return null;
  }
}
