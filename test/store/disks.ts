/** Small disks for tests of what happens when one is full or read-only. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { onTestFinished } from 'vitest';

/** Mounting needs Linux and its administrator. Where it cannot be done, that is said, and the tests count as skipped. */
export const canMount = process.platform === 'linux' && process.getuid?.() === 0 && mountWorks();
if (!canMount) console.warn('Left out: tests of full and read-only disks. They mount small ones, which needs an administrator on Linux.');

function mountWorks(): boolean {
  const folder = temporaryMount('size=64k');
  folder?.unmount();
  return folder !== null;
}
function temporaryMount(options: string): { folder: string; remount(options: string): void; unmount(): void } | null {
  const folder = execFileSync('mktemp', ['-d'], { encoding: 'utf8' }).trim();
  const unmount = () => {
    try {
      execFileSync('umount', ['-l', folder], { stdio: 'ignore' });
    } catch {
      // It was unmounted already.
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    unmount();
    return null;
  }
  return { folder, unmount, remount: (changed) => void execFileSync('mount', ['-o', `remount,${changed}`, folder]) };
}
/** A small disk of its own, unmounted when the test ends. */
export function mounted(options: string) {
  const mount = temporaryMount(options);
  if (!mount) throw new Error('mounting a small disk failed: these tests need an administrator on Linux');
  onTestFinished(() => mount.unmount());
  return mount;
}
