/** Prompting from file to label through the real compute process: what comes back, what accepting changes, and what is refused. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { addressOf } from '../../src/main/files/durable';
import { officialSams, type SamSpec } from '../../src/main/networks/sam/spec';
import type { Input } from '../../src/shared/contract';
import type { Case, LabelRevision } from '../../src/shared/domain';
import { type PointMm, toMm, voxelCount } from '../../src/shared/geometry';
import { undoRedo } from '../../src/shared/labelHistory';
import type { Preview } from '../../src/shared/prompts';
import type { Teacher, TeacherFamily } from '../../src/shared/teachers';
import { temporaryFolder } from '../folders';
import { plausibleWeights } from '../networks/samWeights';
import { importTeacher } from './importTeachers';
import { dinov3Weights, safetensorsFile, samMed3dWeights, samWeights, torchFile } from './teacherFiles';
import { prepareTrainable, start, startTrainable } from './trainable';
import type { TestBench } from './workbench';

prepareTrainable();
// Teachers are imported and checked anew for every project: a busy machine takes its time.
vi.setConfig({ testTimeout: 300_000 });

/** Imports a teacher; `accepted` also accepts its licence, saying one where none is known. */
async function teacherFrom(bench: TestBench, path: string, family: TeacherFamily | null, accepted = true): Promise<Teacher> {
  const teacher = await importTeacher(bench, path, family);
  if (!accepted) return teacher;
  if (!teacher.licence) await bench.ask('teachers.update', { teacher: teacher.id, licence: { name: 'research only' } });
  return bench.ask('teachers.accept', { teacher: teacher.id });
}
const ofVolumes = (bench: TestBench) => teacherFrom(bench, torchFile('sam_med3d_turbo.pth', samMed3dWeights(), 'model_state_dict'), null);
const ofSlices = (bench: TestBench) => teacherFrom(bench, safetensorsFile('sam_vit_b.safetensors', samWeights()), null);
const caseCalled = async (bench: TestBench, name: string): Promise<Case> =>
  (await bench.ask('cases.list', {})).find((one) => one.name === name) as Case;

const at = (one: Case, i: number, j: number, k: number): PointMm => toMm(one.grid, [i, j, k]);
type Asked = Input<'prompts.preview'>;
const clicking = (one: Case, teacher: Teacher, ...points: PointMm[]): Asked => ({
  teacher: teacher.id,
  case: one.id,
  structure: 1,
  prompt: { points: points.map((mm) => ({ mm: [...mm], positive: true })) },
});

async function bytes(bench: TestBench, hash: string): Promise<Uint8Array | number> {
  const response = await bench.handle(new Request(`http://localhost/bytes/${hash}`));
  return response.ok ? new Uint8Array(await response.arrayBuffer()) : response.status;
}
/** A preview's mask on the whole case. */
async function maskOf(bench: TestBench, one: Case, { box: { origin, size }, file }: Preview): Promise<Uint8Array> {
  const whole = new Uint8Array(voxelCount(one.grid));
  const mask = file ? ((await bytes(bench, file)) as Uint8Array) : new Uint8Array();
  for (const [n, value] of mask.entries()) {
    const [i, j, k] = [n % size[0], Math.floor(n / size[0]) % size[1], Math.floor(n / size[0] / size[1])];
    whole[origin[0] + i + one.grid.size[0] * (origin[1] + j + one.grid.size[1] * (origin[2] + k))] = value;
  }
  return whole;
}
const labelOf = ({ file }: Pick<LabelRevision, 'file'>, project: string) =>
  new Uint8Array(readFileSync(addressOf(join(project, 'files'), file)));
const folderOf = async (bench: TestBench) => (await bench.ask('project.get', {}))?.folder as string;

test('a click becomes a mask, the mask a label, and the label can be taken back and forth', async () => {
  const bench = await startTrainable();
  const [teacher, one, folder] = [await ofVolumes(bench), await caseCalled(bench, 'unlabelled'), await folderOf(bench)];
  const before = await bench.ask('project.get', {});
  const first = await bench.ask('prompts.preview', clicking(one, teacher, at(one, 9, 9, 9)));
  expect(first).toMatchObject({
    teacher: teacher.id,
    case: one.id,
    channel: 0,
    structure: 1,
    plane: null,
    embedding: 'made',
    cautions: [],
  });
  expect(first.voxels).toBeGreaterThan(0);
  const mask = await maskOf(bench, one, first);
  expect(mask.reduce((sum, value) => sum + value, 0)).toBe(first.voxels);

  const second = await bench.ask('prompts.preview', {
    ...clicking(one, teacher, at(one, 9, 9, 9), at(one, 11, 9, 9)),
    prompt: { points: [{ mm: [...at(one, 11, 9, 9)], positive: false }], refines: first.id },
  });
  expect([second.embedding, second.seen]).toEqual(['found', first.seen]);
  expect((await bench.ask('labels.history', { case: one.id })).length).toBe(0); // looking changes nothing

  bench.heard.length = 0;
  const made = await bench.ask('prompts.accept', { preview: first.id });
  expect(made).toMatchObject({ revision: 1, origin: 'prompt', case: one.id, voxels: { 1: first.voxels } });
  expect(made.made).toMatchObject({
    by: 'prompt',
    teacher: teacher.id,
    weights: teacher.file,
    structure: 1,
    how: 'replace',
    confidence: first.confidence,
    prompts: [{ points: [{ mm: [...at(one, 9, 9, 9)], positive: true }], box: null }],
  });
  expect(labelOf(made, folder)).toEqual(mask);
  expect(bench.heard.map(({ name }) => name)).toEqual(expect.arrayContaining(['cases.changed', 'project.changed']));
  expect((await caseCalled(bench, 'unlabelled')).label).toEqual(made);
  const [line] = await bench.ask('project.log', { limit: 1 });
  expect(line.sentence).toContain(`ball became a mask of ${teacher.name} (1 point, confidence ${first.confidence.toFixed(2)})`);

  const refined = await bench.ask('prompts.accept', { preview: second.id, how: 'add' });
  expect((refined.made?.by === 'prompt' && refined.made.prompts.length) || 0).toBe(2); // and those it was refined from

  const restore = async (revision: number | null) => bench.ask('labels.restore', { case: one.id, revision: revision as number });
  const steps = async () => undoRedo(await bench.ask('labels.history', { case: one.id }));
  const back = await restore((await steps()).undo);
  expect(back).toMatchObject({
    revision: 3,
    origin: 'restore',
    made: { by: 'restore', revision: 1 },
    file: made.file,
    voxels: made.voxels,
  });
  expect(await restore((await steps()).undo)).toBeNull();
  expect((await caseCalled(bench, 'unlabelled')).label).toBeNull();
  expect((await bench.ask('project.get', {}))?.counts).toEqual(before?.counts);
  expect(await restore((await steps()).redo)).toMatchObject({ file: made.file });
  expect(await restore((await steps()).redo)).toMatchObject({ file: refined.file });
  expect((await bench.ask('labels.history', { case: one.id })).map(({ revision }) => revision)).toEqual([6, 5, 4, 3, 2, 1]);
  const job = await bench.ended(await bench.ask('project.check', {}));
  expect(job.result).toMatchObject({ report: { ok: true } });
});

test('a mask on a slice changes that slice alone, and leaves other structures their voxels', async () => {
  const bench = await startTrainable();
  const [teacher, one, folder] = [await ofSlices(bench), await caseCalled(bench, 'train 1'), await folderOf(bench)];
  const label = one.label as LabelRevision;
  const old = labelOf(label, folder);
  await expect(bench.ask('prompts.preview', clicking(one, teacher, at(one, 9, 9, 9)))).rejects.toMatchObject({ code: 'PROMPT_PLANE' });
  const preview = await bench.ask('prompts.preview', {
    ...clicking(one, teacher, at(one, 9, 9, 9)),
    prompt: { points: [{ mm: [...at(one, 9, 9, 9)], positive: true }], box: { from: [...at(one, 3, 3, 9)], to: [...at(one, 15, 15, 9)] } },
    plane: { axis: 2, index: 9 },
  });
  expect(preview.seen).toEqual({ origin: [0, 0, 9], size: [20, 18, 1] });
  const mask = await maskOf(bench, one, preview);
  const made = await bench.ask('prompts.accept', { preview: preview.id });
  expect(made.revision).toBe(2);
  const expected = old.map((value, n) => (Math.floor(n / 360) === 9 ? mask[n] : value));
  expect(labelOf(made, folder)).toEqual(expected);
  expect(labelOf(label, folder)).toEqual(old);

  const taken = await bench.ask('prompts.accept', { preview: preview.id, how: 'subtract' });
  expect(labelOf(taken, folder)).toEqual(old.map((value, n) => (Math.floor(n / 360) === 9 ? 0 : value)));
});

test('two masks accepted at once both arrive', async () => {
  const bench = await startTrainable();
  const [teacher, one] = [await ofVolumes(bench), await caseCalled(bench, 'unlabelled')];
  const preview = await bench.ask('prompts.preview', clicking(one, teacher, at(one, 9, 9, 9)));
  const both = await Promise.all([
    bench.ask('prompts.accept', { preview: preview.id, how: 'add' }),
    bench.ask('prompts.accept', { preview: preview.id, how: 'subtract' }),
  ]);
  expect(both.map(({ revision }) => revision).sort()).toEqual([1, 2]);
  const newest = both.find(({ revision }) => revision === 2) as LabelRevision;
  const how = newest.made?.by === 'prompt' && newest.made.how;
  expect(newest.voxels).toEqual(how === 'add' ? { 1: preview.voxels } : {}); // made from the one before, whichever that was
});

test('a label that began with a mask trains nothing until a person says it is complete; a corrected import stays complete', async () => {
  const bench = await startTrainable();
  const teacher = await ofVolumes(bench);
  const prompted = async (name: string) => {
    const one = await caseCalled(bench, name);
    const { id: preview } = await bench.ask('prompts.preview', clicking(one, teacher, at(one, 9, 9, 9)));
    return bench.ask('prompts.accept', { preview });
  };
  const counts = async () => (await bench.ask('project.get', {}))?.counts;
  const before = await counts();
  expect((await prompted('train 1')).state).toBe('complete');
  expect((await prompted('unlabelled')).state).toBe('draft');
  expect(await counts()).toMatchObject({ labelled: before?.labelled, drafts: 1, unlabelled: (before?.unlabelled ?? 0) - 1 });

  const { id: subject } = await caseCalled(bench, 'unlabelled');
  const others = (await bench.ask('cases.list', {})).filter(({ split, id }) => split === 'train' && id !== subject).map(({ id }) => id);
  await bench.ask('cases.setSplit', { cases: others, split: 'test' });
  await expect(start(bench)).rejects.toMatchObject({ code: 'RUN_NEEDS_LABELS', message: expect.stringContaining('There is 1 draft') });

  await bench.ask('labels.setState', { cases: [subject], state: 'complete' });
  const run = await start(bench, { steps: 1, validationCases: 0 });
  expect((await bench.ask('runs.list', {})).find(({ id }) => id === run)?.cases.training).toEqual([subject]);
  const [line] = (await bench.ask('project.log', {})).filter(({ kind }) => kind === 'labels');
  expect(line.sentence).toBe('Case unlabelled: label revision 1 is complete.');

  // What was taken back and brought back is what it was.
  await bench.ask('labels.restore', { case: subject, revision: 0 });
  await expect(bench.ask('labels.setState', { cases: [subject], state: 'complete' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect((await bench.ask('labels.restore', { case: subject, revision: 1 }))?.state).toBe('complete');
});

test('a mask that was discarded is gone, and so is one of a project that was opened anew; what was seen of the image stays', async () => {
  const folder = join(temporaryFolder(), 'Projekt');
  const bench = await startTrainable(folder);
  const [teacher, one] = [await ofVolumes(bench), await caseCalled(bench, 'train 2')];
  const asked = clicking(one, teacher, at(one, 9, 9, 9));
  const [gone, kept] = [await bench.ask('prompts.preview', asked), await bench.ask('prompts.preview', asked)];
  expect(gone.file).toBe(kept.file);
  await bench.ask('prompts.discard', { preview: gone.id });
  await bench.ask('prompts.discard', { preview: gone.id });
  await expect(bench.ask('prompts.accept', { preview: gone.id })).rejects.toMatchObject({ code: 'PREVIEW_GONE' });
  expect(await bytes(bench, kept.file as string)).toHaveLength(kept.box.size.reduce((a, b) => a * b)); // another preview has it still
  await bench.ask('prompts.discard', { preview: kept.id });
  expect(await bytes(bench, kept.file as string)).toBe(404);

  const last = await bench.ask('prompts.preview', asked);
  await bench.ask('project.create', { folder: join(bench.home, 'Anderes'), name: 'Anderes' });
  await expect(bench.ask('prompts.accept', { preview: last.id })).rejects.toMatchObject({ code: 'PREVIEW_GONE' });
  await bench.ask('project.open', { folder });
  await expect(bench.ask('prompts.accept', { preview: last.id })).rejects.toMatchObject({ code: 'PREVIEW_GONE' });
  expect((await bench.ask('prompts.preview', asked)).embedding).toBe('found');
});

test('a prompt says what its teacher does and for how long, can be stopped in the middle, and the next one does not wait for it', async () => {
  const bench = await startTrainable();
  const quick = await ofVolumes(bench);
  const all = [...Array(6).keys()];
  const large: SamSpec = { ...officialSams['SAM ViT-B'], width: 192, depth: 6, heads: 3, mlpWidth: 768, globalBlocks: all };
  const slow = await teacherFrom(bench, safetensorsFile('sam_large.safetensors', plausibleWeights(large)), null);
  const one = await caseCalled(bench, 'train 1');
  const told = () => bench.heard.flatMap(({ name, data }) => (name === 'prompt.progress' ? [data] : []));
  const stopped = bench
    .ask('prompts.preview', { ...clicking(one, slow, at(one, 9, 9, 9)), plane: { axis: 2, index: 9 } })
    .catch((error: unknown) => error);
  await vi.waitFor(() => expect(told().length).toBeGreaterThanOrEqual(2), { timeout: 60_000 });
  expect(told().slice(0, 2)).toEqual([
    { stage: 'preparing', seconds: null },
    { stage: 'reading', seconds: slow.checks[0].seconds },
  ]);
  await bench.ask('prompts.stop', {});
  expect(await stopped).toMatchObject({ code: 'PROMPT_STOPPED' });
  expect((await bench.ask('prompts.preview', clicking(one, quick, at(one, 9, 9, 9)))).embedding).toBe('made');
  await bench.ask('prompts.stop', {}); // nothing is under way: nothing happens
});

test('a prompt is answered while a run trains, and after its process has died', async () => {
  const bench = await startTrainable();
  const [teacher, one] = [await ofVolumes(bench), await caseCalled(bench, 'train 1')];
  const run = await start(bench, { steps: 100_000 });
  await bench.runIn(run, 'running');
  const preview = await bench.ask('prompts.preview', clicking(one, teacher, at(one, 9, 9, 9)));
  expect(preview.cautions).toEqual([expect.stringContaining('A run is training')]);
  expect((await bench.ask('prompts.accept', { preview: preview.id })).revision).toBe(2);
  process.kill(bench.computePid(), 'SIGKILL'); // the newest process is the one that answered
  const again = async () => bench.ask('prompts.preview', clicking(one, teacher, at(one, 9, 9, 9)));
  expect((await again().catch(again)).embedding).toBe('found');
  expect((await bench.ask('runs.list', {}))[0].state).toBe('running');
  await bench.ask('runs.stop', { run });
  await bench.runIn(run, 'stopped');
});

describe('is refused in a sentence', () => {
  test('what a prompt, a place or a teacher lacks', async () => {
    const bench = await startTrainable();
    const [teacher, one] = [await ofVolumes(bench), await caseCalled(bench, 'train 1')];
    const good = clicking(one, teacher, at(one, 9, 9, 9));
    const negative = { points: [{ mm: [...at(one, 9, 9, 9)] as [number, number, number], positive: false }] };
    const unaccepted = await teacherFrom(bench, safetensorsFile('sam_vit_b.safetensors', samWeights()), null, false);
    const features = await teacherFrom(bench, safetensorsFile('dinov3.safetensors', dinov3Weights()), null);
    const refusals: [asked: Asked, code: string, words: string][] = [
      [{ ...good, prompt: { points: [] } }, 'PROMPT_EMPTY', 'There is no prompt'],
      [{ ...good, prompt: negative }, 'PROMPT_NO_PLACE', 'Click on the structure first'],
      [
        { ...good, prompt: { points: [{ mm: [500, 0, 0], positive: true }] } },
        'PROMPT_OUTSIDE',
        'The point (500, 0, 0) mm lies outside the image',
      ],
      [{ ...good, structure: 9 }, 'NOT_FOUND', 'structure with the index 9'],
      [{ ...good, channel: 1 }, 'NOT_FOUND', 'channel 1 in case train 1'],
      [{ ...good, plane: { axis: 0, index: 0 } }, 'PROMPT_PLANE', 'looks at volumes'],
      [{ ...good, teacher: unaccepted.id }, 'TEACHER_NOT_ACCEPTED', 'has not been accepted'],
      [{ ...good, teacher: features.id }, 'TEACHER_NOT_PROMPTED', 'features, not masks'],
    ];
    for (const [asked, code, words] of refusals) {
      await expect(bench.ask('prompts.preview', asked)).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
    }
    const preview = await bench.ask('prompts.preview', good);
    const elsewhere = { ...good, case: (await caseCalled(bench, 'train 2')).id, prompt: { ...negative, refines: preview.id } };
    await expect(bench.ask('prompts.preview', elsewhere)).rejects.toMatchObject({ code: 'PREVIEW_ELSEWHERE' });
    await expect(bench.ask('labels.restore', { case: one.id, revision: 7 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    rmSync(addressOf(join(await folderOf(bench), 'files'), teacher.file));
    await expect(bench.ask('prompts.preview', good)).rejects.toMatchObject({ code: 'TEACHER_GONE' });
  });

  test('but another modality is only a caution', async () => {
    const bench = await startTrainable();
    const teacher = await teacherFrom(bench, torchFile('seganypet.pth', samMed3dWeights()), 'segany-pet');
    const one = await caseCalled(bench, 'train 1');
    const { cautions } = await bench.ask('prompts.preview', clicking(one, teacher, at(one, 9, 9, 9)));
    expect(cautions).toEqual([expect.stringMatching(/was trained on PET, and this is CT/)]);
  });
});
