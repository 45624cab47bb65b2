/** A teacher's self-check: its answer to a fixed image, compared with the one it gave first. */
import { availableParallelism, cpus } from 'node:os';
import type { Device } from '../../../shared/runs';
import { architectureOf, type CheckNumbers, type TeacherCheck, type TeacherId } from '../../../shared/teachers';
import { addressOf } from '../../files/durable';
import { appendEvent } from '../../store/events';
import { getTeacher, insertCheck, setReference } from '../../store/teachers';
import type { Desk } from '../desk';
import { JobStopped } from '../jobs';
import { tellLibrary } from './library';

/** Largest difference, relative to the largest number of a result, that rounding explains on any device. */
const tolerance = 1e-3;

/** The first answer ever becomes the one to compare with. @throws what the compute process refuses */
export async function checkTeacher(
  desk: Desk,
  id: TeacherId,
  { device, signal }: { device: Device; signal: AbortSignal },
): Promise<TeacherCheck> {
  const store = desk.store();
  const { name, family, file, reference } = getTeacher(store.read, id);
  const outcome = await desk.compute.run(
    'checkTeacher',
    { weights: addressOf(store.files, file), name, architecture: architectureOf[family], device, threads: availableParallelism() },
    { signal },
  );
  if (outcome.state === 'stopped') throw new JobStopped();
  const { numbers, seconds } = outcome.result;
  const difference = differenceOf(numbers, reference ?? numbers);
  const check: TeacherCheck = {
    device,
    machine: cpus()[0]?.model.trim() || 'unknown processor',
    difference,
    agrees: difference <= tolerance,
    seconds,
    at: new Date().toISOString(),
  };
  store.write((db) => {
    if (!reference) setReference(db, id, numbers);
    insertCheck(db, id, check);
    if (!check.agrees) appendEvent(db, 'teacher', `${name} answers differently on ${device} than it did first.`);
  });
  await tellLibrary(desk, id);
  desk.announce('teachers.changed', {});
  return check;
}

/** Largest difference of any result, relative to its largest number; a result that is missing or of another size differs wholly. */
export function differenceOf(came: CheckNumbers, expected: CheckNumbers): number {
  const names = new Set([...Object.keys(came), ...Object.keys(expected)]);
  return Math.max(
    ...[...names].map((name) => {
      const [a, b] = [came[name] ?? [], expected[name] ?? []];
      if (a.length !== b.length) return 1;
      const size = Math.max(1e-6, ...b.map(Math.abs));
      return Math.max(0, ...a.map((value, n) => Math.abs(value - b[n]) / size));
    }),
  );
}
