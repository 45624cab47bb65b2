/** A small project filled through the store's own writers: one labelled case, one run with a model, a prediction and its scores. */
import { randomUUID } from 'node:crypto';
import { storeBytes } from '../../src/main/files/durable';
import { insertCase } from '../../src/main/store/cases';
import { insertEvaluation } from '../../src/main/store/evaluations';
import { rememberFile } from '../../src/main/store/files';
import { insertLabel } from '../../src/main/store/labels';
import { insertModel } from '../../src/main/store/models';
import { insertPrediction } from '../../src/main/store/predictions';
import { insertRun } from '../../src/main/store/runs';
import type { Store, Writer } from '../../src/main/store/store';
import { insertStructure } from '../../src/main/store/structures';
import type { CaseId, FileHash, LabelId, Model, ModelId, PredictionId, RunId, Split, VolumeId } from '../../src/shared/domain';
import type { Grid } from '../../src/shared/geometry';
import type { TrainSettings } from '../../src/shared/runs';

export const grid: Grid = { size: [3, 4, 5], affine: [2, 0, 0, -10, 0, 2.5, 0, 0.1, 0, 0, 3, 1e-7, 0, 0, 0, 1] };
const statistics = { min: 0, max: 9, mean: 4.5, std: 2, p005: 0, p05: 1, p50: 4, p95: 8, p995: 9 };

export const settings: TrainSettings = {
  name: 'First',
  method: 'supervised',
  device: 'cpu',
  recompute: false,
  precision: 'full',
  width: 4,
  patch: [16, 16, 16],
  spacingMm: [5, 5, 5],
  batch: 1,
  steps: 10,
  rate: 0.01,
  warmupSteps: 0,
  momentum: 0.9,
  weightDecay: 0,
  dropout: 0,
  foreground: 0.5,
  balance: 0.5,
  flips: false,
  intensity: 0,
  deformation: 0,
  labelledCases: null,
  validationCases: 0,
  validateEvery: 5,
  checkpointEvery: 5,
  seed: 1,
};

export const student: Model['spec'] = {
  network: 'unet3d',
  widths: [4, 8, 16, 32, 64],
  channels: [{ modality: 'CT', scope: 'training set', knots: [-100, 100], values: [-2, 2] }],
  structures: [1, 2],
  spacingMm: [5, 5, 5],
  patch: [16, 16, 16],
};

/** Writes the sample; answers with the ids it made up. `seed` makes the voxels of two samples differ. */
export async function fillSample(store: Store, { name = 'Müller', split = 'train' as Split, seed = 0 } = {}) {
  const ids = {
    case: randomUUID() as string as CaseId,
    label: randomUUID() as string as LabelId,
    run: randomUUID() as string as RunId,
    model: randomUUID() as string as ModelId,
    prediction: randomUUID() as string as PredictionId,
  };
  const image = await storeBytes(
    store.files,
    new Uint8Array(120).map((_, i) => i + seed),
  );
  const mask = await storeBytes(
    store.files,
    new Uint8Array(60).map((_, i) => (i + seed) % 3),
  );
  const original = await storeBytes(store.files, new TextEncoder().encode(`original ${seed}`));
  store.write((db) => {
    for (const file of [image, mask, original]) rememberFile(db, file);
    insertSampleStructures(db);
    insertSampleCase(db, ids, { name, split }, image.hash, original.hash);
    insertLabel(db, {
      id: ids.label,
      case: ids.case,
      file: mask.hash,
      origin: 'import',
      voxels: { 1: 20, 2: 20 },
      sourceName: 'm.nii',
      sourceFile: original.hash,
    });
    insertRun(db, { id: ids.run, settings, cases: [{ id: ids.case, role: 'training', label: ids.label }] });
    insertModel(db, {
      id: ids.model,
      name: 'First, best',
      run: ids.run,
      which: 'best',
      step: 5,
      spec: student,
      parameters: 7,
      file: original.hash,
      validationDice: 0.5,
      createdAt: '2026-01-01T00:00:00.000Z',
    });
    insertPrediction(db, {
      id: ids.prediction,
      case: ids.case,
      model: ids.model,
      run: ids.run,
      file: mask.hash,
      voxels: { 1: 20, 2: 20 },
      seconds: 1.5,
      createdAt: '2026-01-01T00:00:01.000Z',
    });
  });
  return { ids, image, mask, original };
}

function insertSampleStructures(db: Writer): void {
  if (db.one('SELECT 1 FROM structures')) return;
  insertStructure(db, { index: 1, name: 'kidney left', colour: '#e69f00', mirror: 2 });
  insertStructure(db, { index: 2, name: 'kidney right', colour: '#56b4e9', mirror: 1 });
}

function insertSampleCase(
  db: Writer,
  ids: { case: CaseId },
  named: { name: string; split: Split },
  file: FileHash,
  original: FileHash,
): void {
  insertCase(db, {
    id: ids.case,
    ...named,
    patient: null,
    grid,
    addedAt: '2026-01-01T00:00:00.000Z',
    channels: [
      {
        id: randomUUID() as string as VolumeId,
        position: 0,
        modality: 'CT',
        unit: 'HU',
        dtype: 'int16',
        file,
        statistics,
        source: { fileName: 'ä.nii.gz', original, grid, orientation: 'LPS', form: 'sform', warnings: ['sform and qform differ'] },
      },
    ],
  });
}

/** Scores of the sample's prediction. */
export function insertSampleEvaluation(db: Writer, ids: { model: ModelId; prediction: PredictionId; label: LabelId }): void {
  const score = { hd95Mm: null, assdMm: null, surfaceDice: null, toleranceMm: 3, volumeMl: 0, referenceMl: 1.2 };
  insertEvaluation(db, randomUUID(), ids.model, [
    {
      prediction: ids.prediction,
      label: ids.label,
      structures: [
        { ...score, structure: 1, dice: 0.25, hd95Mm: 4, assdMm: 1, surfaceDice: 0.5, volumeMl: 2, note: null },
        { ...score, structure: 2, dice: 0, note: 'prediction empty' },
      ],
    },
  ]);
}
