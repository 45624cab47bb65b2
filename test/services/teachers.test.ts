/** Teachers from file to use through the real compute process: what comes in, what is refused with which sentence, and what is kept. */
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeSafetensors } from '../../src/main/checkpoints/safetensors';
import { addressOf, hashFile } from '../../src/main/files/durable';
import type { Teacher, TeacherCheck, TeacherFamily } from '../../src/shared/teachers';
import { built } from '../built';
import { goldenFolder } from '../golden';
import { importTeacher, importTeachers } from './importTeachers';
import {
  dinov3Weights,
  halfSafetensorsFile,
  npzFile,
  onnxFile,
  safetensorsFile,
  samMed3dWeights,
  samWeights,
  torchFile,
  type Weights,
  written,
} from './teacherFiles';
import { startBench, type TestBench } from './workbench';

beforeAll(built);

const refused = async (bench: TestBench, path: string, family: TeacherFamily | null = null) =>
  (await importTeachers(bench, [path], family)).refused;
async function checked(bench: TestBench, teacher: Teacher): Promise<TeacherCheck> {
  const job = await bench.ended(await bench.ask('teachers.selfCheck', { teacher: teacher.id }));
  if (job.result?.kind !== 'teacherCheck') throw new Error(`the check ${job.state}: ${job.message}`);
  return job.result.check;
}
const filesOf = (bench: TestBench) => join(bench.home, 'Projekt', 'files');
const storedFiles = (bench: TestBench) =>
  readdirSync(filesOf(bench), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
const count = (weights: Weights, isBuffer: (name: string) => boolean) =>
  [...weights].reduce((sum, [name, { data }]) => sum + (isBuffer(name) ? 0 : data.length), 0);

describe('a SAM-Med3D checkpoint', () => {
  test('becomes a teacher with everything its shapes and its family tell, and answers at once', async () => {
    const bench = await startBench();
    const weights = samMed3dWeights();
    const path = torchFile('sam_med3d_turbo.pth', weights, 'model_state_dict');
    const teacher = await importTeacher(bench, path);
    expect(teacher).toMatchObject({
      family: 'sam-med3d',
      parameters: count(weights, (name) => name.includes('gaussian_matrix')),
      input: { axes: 3, channels: 1 },
      modality: 'CT',
      spacingMm: 1.5,
      licence: { name: 'Apache-2.0' },
      acceptedAt: null,
      source: { fileName: 'sam_med3d_turbo.pth', hash: await hashFile(path), bytes: statSync(path).size, format: 'PyTorch' },
      checks: [{ device: 'cpu', difference: 0, agrees: true }],
    });
    expect(Object.keys(teacher.reference!).sort()).toEqual(['embedding', 'logits', 'quality']);
    expect(bench.heard.map(({ name }) => name)).toContain('teachers.changed');

    const stored = addressOf(filesOf(bench), teacher.file);
    const { tensors } = decodeSafetensors(readFileSync(stored), stored);
    expect(new Map([...tensors].sort())).toEqual(new Map([...weights].sort()));
    expect(await checked(bench, teacher)).toMatchObject({ agrees: true });
  });

  test('brought in twice is stored once, and says so', async () => {
    const bench = await startBench();
    const path = torchFile('sam_med3d_turbo.pth', samMed3dWeights());
    const teacher = await importTeacher(bench, path);
    const before = storedFiles(bench);
    const again = await importTeachers(bench, [path]);
    expect(again.imported).toMatchObject([{ teacher: teacher.id, notes: [expect.stringContaining('here already')] }]);
    expect(storedFiles(bench)).toEqual(before);
    expect(await bench.ask('teachers.list', {})).toHaveLength(1);
  });

  test('whose name hints at nothing asks whether it is SegAnyPET, and keeps what the person says', async () => {
    const bench = await startBench();
    const path = torchFile('epoch_7.pth', samMed3dWeights());
    expect(await refused(bench, path)).toMatchObject([
      { code: 'TEACHER_FAMILY', sentence: expect.stringContaining('SAM-Med3D or SegAnyPET') },
    ]);
    expect(storedFiles(bench)).toEqual([]);
    const teacher = await importTeacher(bench, path, 'segany-pet');
    expect(teacher).toMatchObject({ family: 'segany-pet', modality: 'PET', licence: null });
    expect(await refused(bench, path, 'dinov3')).toMatchObject([{ code: 'TEACHER_NOT_FAMILY' }]);
  });
});

describe('the families', () => {
  test('come in from every kind of file and answer the fixed image', async () => {
    const bench = await startBench();
    const files: [string, TeacherFamily, object][] = [
      [torchFile('sam_vit_b.pth', samWeights()), 'sam', { axes: 2, channels: 3 }],
      [torchFile('medsam_vit_b.pth', samWeights(), 'model'), 'medsam', { axes: 2 }],
      [torchFile('SegAnyPET_v1.pth', samMed3dWeights()), 'segany-pet', { axes: 3 }],
      [torchFile('dinov3_vits16.pth', dinov3Weights()), 'dinov3', { sides: [null, null] }],
      [npzFile('dinov3.npz', dinov3Weights()), 'dinov3', { axes: 2 }],
      [onnxFile('liver.onnx'), 'onnx', { axes: 3, channels: 1, sides: [16, 16, 16] }],
    ];
    expect(
      (
        await importTeachers(
          bench,
          files.map(([file]) => file),
        )
      ).refused,
    ).toEqual([]);
    const teachers = await bench.ask('teachers.list', {});
    expect(teachers).toMatchObject(files.map(([, family, input]) => ({ family, input, checks: [{ agrees: true, difference: 0 }] })));
    expect(teachers.filter(({ checks: [check] }) => !(check.seconds > 0))).toEqual([]);
    for (const teacher of teachers.slice(4)) expect(await checked(bench, teacher)).toMatchObject({ agrees: true });
  }, 180_000);

  test('official safetensors are taken in without a copy', async () => {
    const bench = await startBench();
    for (const path of [safetensorsFile('sam.safetensors', samWeights()), safetensorsFile('dinov3.safetensors', dinov3Weights())]) {
      const { file } = await importTeacher(bench, path);
      expect(statSync(addressOf(filesOf(bench), file)).ino).toBe(statSync(path).ino);
    }
  });

  test('a PyTorch file and a safetensors file of the same DINOv3 give the same answer', async () => {
    const bench = await startBench();
    const one = await importTeacher(bench, torchFile('a.pth', dinov3Weights(), 'teacher'));
    const two = await importTeacher(bench, safetensorsFile('b.safetensors', dinov3Weights()));
    expect(one.reference).toEqual(two.reference);
    expect(one.source.hash).not.toBe(two.source.hash);
  });
});

describe('a file that says what it is', () => {
  const said = {
    'understudy.family': 'segany-pet',
    'understudy.name': 'Demo teacher, PET',
    'understudy.modality': 'PET',
    'understudy.spacingMm': '4',
    'understudy.intensity': 'z-score over positive',
    'understudy.licence': 'Apache-2.0',
    'understudy.about': 'Trained on phantoms.',
  };

  test('is taken at its word, also in half precision, and says it again where it is stored', async () => {
    const bench = await startBench();
    const expected = {
      ...{ family: 'segany-pet', name: 'Demo teacher, PET', modality: 'PET', spacingMm: 4, about: 'Trained on phantoms.' },
      licence: { name: 'Apache-2.0' },
      checks: [{ agrees: true }],
    };
    const weights = samMed3dWeights();
    for (const path of [safetensorsFile('epoch_7.safetensors', weights, said), halfSafetensorsFile('half.safetensors', weights, said)]) {
      const teacher = await importTeacher(bench, path);
      expect(teacher).toMatchObject(expected);
      const stored = addressOf(filesOf(bench), teacher.file);
      const { metadata, tensors } = decodeSafetensors(readFileSync(stored), stored);
      expect(metadata).toEqual(said);
      expect([...tensors.values()].filter(({ data }) => !(data instanceof Float32Array))).toEqual([]);
    }
  });

  test('is held to its shapes, and to values that can be', async () => {
    const bench = await startBench();
    const files = [
      safetensorsFile('a.safetensors', samMed3dWeights(), { ...said, 'understudy.family': 'sam' }),
      safetensorsFile('b.safetensors', samMed3dWeights(), { ...said, 'understudy.spacingMm': 'two' }),
    ];
    expect((await importTeachers(bench, files)).refused.map(({ sentence }) => sentence)).toEqual([
      'a.safetensors: understudy.family should be sam-med3d or segany-pet, but is “sam”.',
      'b.safetensors: understudy.spacingMm should be millimetres from 0.1 to 50, or any, but is “two”.',
    ]);
  });

  test('is of another family if the person says so, and then nothing else it says is taken', async () => {
    const bench = await startBench();
    const teacher = await importTeacher(bench, safetensorsFile('a.safetensors', samMed3dWeights(), said), 'sam-med3d');
    expect(teacher).toMatchObject({ family: 'sam-med3d', modality: 'CT', spacingMm: 1.5, about: null });
  });
});

describe('what is refused', () => {
  const without = (weights: Weights, gone: string) => new Map([...weights].filter(([name]) => name !== gone));
  const renamed = (weights: Weights, from: string, to: string) => new Map([...weights].map(([key, w]) => [key === from ? to : key, w]));
  const bias = 'mask_decoder.output_upscaling.0.bias';
  test('is named with what is wrong, and leaves nothing behind', async () => {
    const bench = await startBench();
    const files: [what: string, path: string, code: string, words: string][] = [
      [
        'other weights, by what they hold',
        torchFile('resnet.pth', new Map([['layer1.weight', { dims: [2], data: Float32Array.of(1, 2) }]])),
        'TEACHER_UNKNOWN',
        'layer1.weight',
      ],
      ['a SAM that lacks a tensor, by its name', torchFile('sam.pth', without(samWeights(), bias)), 'TEACHER_UNKNOWN', bias],
      [
        'a SAM with an adapter, by what is unexpected',
        torchFile('sam.pth', renamed(samWeights(), bias, 'adapter.bias')),
        'TEACHER_UNKNOWN',
        'adapter.bias',
      ],
      ['a DINOv3 that lacks a tensor', torchFile('dinov3.pth', without(dinov3Weights(), 'norm.bias')), 'CHECKPOINT_MISMATCH', 'norm.bias'],
      [
        'a pickle that would run code',
        join(goldenFolder, 'checkpoints', 'malicious.zip.pth'),
        'CHECKPOINT_UNSAFE',
        'nothing in it was run',
      ],
      ['a file cut short', join(goldenFolder, 'checkpoints', 'truncated.zip.pth'), 'FILE_DAMAGED', ''],
      ['a text', written('notes.pth', new TextEncoder().encode('Dear diary')), 'FILE_INVALID', 'weights of PyTorch'],
      [
        'a text that calls itself ONNX',
        written('notes.onnx', new TextEncoder().encode('Dear diary')),
        'TEACHER_UNKNOWN',
        'not a readable ONNX model',
      ],
      ['a file that is not there', '/nowhere/sam.pth', 'FILE_UNREADABLE', 'sam.pth'],
      [
        'counts that only memory could answer',
        torchFile('dinov3.pth', renamed(dinov3Weights(), 'blocks.0.norm1.bias', 'blocks.999999999.norm1.bias')),
        'TEACHER_UNKNOWN',
        'counts further',
      ],
    ];
    const { imported, refused } = await importTeachers(
      bench,
      files.map(([, path]) => path),
    );
    expect(imported).toEqual([]);
    expect(refused).toMatchObject(files.map(([, file, code, words]) => ({ file, code, sentence: expect.stringContaining(words) })));
    expect(await bench.ask('teachers.list', {})).toEqual([]);
    expect(storedFiles(bench)).toEqual([]);
  });

  test('one bad file does not keep out the others', async () => {
    const bench = await startBench();
    const report = await importTeachers(bench, ['/nowhere/sam.pth', onnxFile('a.onnx')]);
    expect([report.refused.length, report.imported.length]).toEqual([1, 1]);
  });
});

describe('terms of use', () => {
  test('are accepted once, and anew when the family turns out to be another', async () => {
    const bench = await startBench();
    const { id: teacher } = await importTeacher(bench, torchFile('sam.pth', samWeights()));
    expect((await bench.ask('teachers.accept', { teacher })).acceptedAt).toMatch(/^\d{4}-/);
    expect((await bench.ask('teachers.update', { teacher, name: ' Ours ', modality: 'MR' })).acceptedAt).not.toBeNull();
    const changed = await bench.ask('teachers.update', { teacher, family: 'medsam' });
    expect(changed).toMatchObject({ name: 'Ours', family: 'medsam', intensity: 'unit', acceptedAt: null });
    await expect(bench.ask('teachers.update', { teacher, family: 'dinov3' })).rejects.toMatchObject({ code: 'TEACHER_NOT_FAMILY' });
    expect((await bench.ask('project.log', {})).map(({ sentence }) => sentence)).toContainEqual(expect.stringContaining('was accepted'));
  });

  test('that nobody knows must be written down before they can be accepted', async () => {
    const bench = await startBench();
    const { id: teacher } = await importTeacher(bench, onnxFile('liver.onnx'));
    await expect(bench.ask('teachers.accept', { teacher })).rejects.toMatchObject({ code: 'TEACHER_LICENCE' });
    await bench.ask('teachers.update', { teacher, licence: { name: 'CC-BY-NC-4.0', summary: 'Not for sale.' } });
    expect(await bench.ask('teachers.accept', { teacher })).toMatchObject({
      licence: { name: 'CC-BY-NC-4.0' },
      acceptedAt: expect.any(String),
    });
  });
});

describe('weights that change', () => {
  test('under the project are noticed by its check and by the teacher’s own', async () => {
    const bench = await startBench();
    const teacher = await importTeacher(bench, torchFile('sam.pth', samWeights()));
    const stored = addressOf(filesOf(bench), teacher.file);
    const bytes = readFileSync(stored);
    const { tensors } = decodeSafetensors(bytes, stored);
    const neck = tensors.get('image_encoder.neck.3.bias')!;
    const at = bytes.indexOf(Buffer.from(neck.data.buffer, neck.data.byteOffset, neck.data.byteLength));
    for (let n = 0; n < neck.data.length; n++) bytes.writeFloatLE(3 + n, at + 4 * n);
    writeFileSync(stored, bytes);
    expect(await checked(bench, teacher)).toMatchObject({ agrees: false });
    const check = await bench.ended(await bench.ask('project.check', {}));
    expect(check.result).toMatchObject({ report: { ok: false, problems: [expect.stringContaining(teacher.file)] } });
    truncateSync(stored, 100);
    const job = await bench.ended(await bench.ask('teachers.selfCheck', { teacher: teacher.id }));
    expect(job).toMatchObject({ state: 'failed', code: expect.stringMatching(/^FILE_/) });
  });

  test('by being removed are back as they were once the file is imported again', async () => {
    const bench = await startBench();
    const path = torchFile('sam.pth', samWeights());
    const { id } = await importTeacher(bench, path);
    await bench.ask('teachers.update', { teacher: id, name: 'Ours', modality: 'MR' });
    const before = await bench.ask('teachers.accept', { teacher: id });
    await bench.ask('teachers.remove', { teacher: id });
    expect(await bench.ask('teachers.list', {})).toEqual([]);
    expect(storedFiles(bench)).toEqual([]);
    await expect(bench.ask('teachers.accept', { teacher: id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const { checks, ...after } = await importTeacher(bench, path);
    expect(after).toEqual((({ checks: _timed, ...rest }) => rest)(before));
    expect(checks).toMatchObject([{ agrees: true }]);
    rmSync(path);
    expect(await bench.ask('project.check', {}).then(bench.ended)).toMatchObject({ result: { report: { ok: true, notes: [] } } });
  });
});
