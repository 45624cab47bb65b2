/** Rows of teachers: what is kept of one that was removed, and when its file may go. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { storeBytes } from '../../src/main/files/durable';
import { checkStore } from '../../src/main/store/check';
import { isRemembered, rememberFile } from '../../src/main/store/files';
import { createStore, openStore } from '../../src/main/store/store';
import {
  changeTeacher,
  getTeacher,
  insertCheck,
  insertTeacher,
  listTeachers,
  removeTeacher,
  restoreTeacher,
  setReference,
  teacherName,
  teacherOfSource,
} from '../../src/main/store/teachers';
import type { FileHash } from '../../src/shared/domain';
import type { Teacher, TeacherCheck, TeacherId } from '../../src/shared/teachers';
import { temporaryFolder } from '../folders';
import { fillSample } from './sample';

const teacherOf = (file: FileHash, source = 'a'): Teacher => ({
  id: randomUUID() as string as TeacherId,
  name: 'SAM-Med3D ViT-B',
  family: 'sam-med3d',
  variant: 'ViT-B',
  parameters: 100_509_232,
  input: { axes: 3, channels: 1, sides: [128, null, 128], multipleOf: 16 },
  modality: 'CT',
  spacingMm: 1.5,
  intensity: 'z-score over positive',
  licence: { name: 'Apache-2.0', summary: 'Free.', where: 'LICENSE' },
  acceptedAt: null,
  about: 'Größe zählt.',
  source: { fileName: 'größe.pth', hash: source.repeat(64) as FileHash, bytes: 12, format: 'PyTorch' },
  file,
  reference: null,
  checks: [],
  addedAt: '2026-01-01T00:00:00Z',
});
const check = (device: TeacherCheck['device'], seconds: number, at: string): TeacherCheck => ({
  ...{ device, seconds, at },
  machine: 'A processor',
  difference: 1e-7,
  agrees: true,
});

async function storeWithTeacher() {
  const store = await createStore(temporaryFolder(), { name: 'P', isDemo: false });
  const file = await storeBytes(store.files, new TextEncoder().encode('weights'));
  const teacher = teacherOf(file.hash);
  store.write((db) => {
    rememberFile(db, file);
    insertTeacher(db, teacher);
  });
  return { store, teacher, file };
}

test('a teacher comes back from the disk as it was written, with its newest checks', async () => {
  const { store, teacher } = await storeWithTeacher();
  const reference = { embedding: [0.1, -2, 1e-7] };
  const accepted = { ...teacher, modality: null, acceptedAt: '2026-01-02' };
  store.write((db) => {
    setReference(db, teacher.id, reference);
    insertCheck(db, teacher.id, check('cpu', 3, '2026-01-01'));
    insertCheck(db, teacher.id, check('cpu', 2, '2026-01-02'));
    insertCheck(db, teacher.id, check('webgpu', 1, '2026-01-03'));
    changeTeacher(db, teacher.id, accepted);
  });
  store.close();
  const again = await openStore(store.folder);
  const checks = [check('webgpu', 1, '2026-01-03'), check('cpu', 2, '2026-01-02')];
  expect(listTeachers(again.read)).toEqual([{ ...accepted, reference, checks }]);
  expect((await checkStore(again)).problems).toEqual([]);
  again.close();
});

test('a removed teacher keeps its name for runs that used it, and its file may go', async () => {
  const { store, teacher, file } = await storeWithTeacher();
  expect(store.write((db) => removeTeacher(db, teacher.id))).toBe(file.hash);
  expect(listTeachers(store.read)).toEqual([]);
  expect(() => getTeacher(store.read, teacher.id)).toThrow('There is no teacher');
  expect(teacherName(store.read, teacher.id)).toBe(teacher.name);
  expect(isRemembered(store.read, file.hash)).toBe(false);
  expect(teacherOfSource(store.read, teacher.source.hash)).toMatchObject({ id: teacher.id, isRemoved: true });

  store.write((db) => {
    rememberFile(db, file);
    restoreTeacher(db, teacher.id, file.hash);
  });
  expect(listTeachers(store.read)).toEqual([teacher]);
  store.close();
});

test('a file that something else needs stays', async () => {
  const { store, teacher, file } = await storeWithTeacher();
  const { image } = await fillSample(store);
  const [same, shared] = [teacherOf(file.hash, 'b'), teacherOf(image.hash, 'c')];
  store.write((db) => {
    insertTeacher(db, same);
    insertTeacher(db, shared);
  });
  expect(store.write((db) => removeTeacher(db, teacher.id))).toBe(null);
  expect(store.write((db) => removeTeacher(db, same.id))).toBe(file.hash);
  expect(store.write((db) => removeTeacher(db, shared.id))).toBe(null);
  expect(isRemembered(store.read, image.hash)).toBe(true);
  store.close();
});

test('the same original twice, or weights without a stored file, are refused by the table itself', async () => {
  const { store, teacher } = await storeWithTeacher();
  expect(() => store.write((db) => insertTeacher(db, { ...teacherOf(teacher.file), name: 'Twin' }))).toThrow('UNIQUE');
  expect(() => store.write((db) => insertTeacher(db, teacherOf('d'.repeat(64) as FileHash, 'd')))).toThrow('FOREIGN KEY');
  store.close();
});
