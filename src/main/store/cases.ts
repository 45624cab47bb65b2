/** Cases with their image channels and newest label. */
import type {
  Case,
  CaseId,
  Channel,
  FileHash,
  ImageSource,
  LabelRevision,
  Modality,
  Split,
  Statistics,
  Unit,
  VolumeId,
} from '../../shared/domain';
import { fail } from '../../shared/errors';
import type { Affine, Grid, Index3 } from '../../shared/geometry';
import type { Dtype } from '../../shared/volume';
import type { Reader, Writer } from './connection';
import { newestLabels } from './labels';

interface CaseRow {
  id: CaseId;
  name: string;
  split: Split;
  patient: string | null;
  sizeVoxels: string;
  affineMm: string;
  addedAt: string;
}

interface VolumeRow {
  id: VolumeId;
  caseId: CaseId;
  position: number;
  modality: Modality;
  unit: Unit;
  dtype: Dtype;
  file: FileHash;
  statistics: string;
  sourceName: string;
  sourceFile: FileHash;
  sourceSizeVoxels: string;
  sourceAffineMm: string;
  sourceOrientation: string;
  sourceForm: ImageSource['form'];
  sourceWarnings: string;
}

const toGrid = (size: string, affine: string): Grid => ({ size: JSON.parse(size) as Index3, affine: JSON.parse(affine) as Affine });

const toChannel = (row: VolumeRow): Channel => ({
  id: row.id,
  position: row.position,
  modality: row.modality,
  unit: row.unit,
  dtype: row.dtype,
  file: row.file,
  statistics: JSON.parse(row.statistics) as Statistics,
  source: {
    fileName: row.sourceName,
    original: row.sourceFile,
    grid: toGrid(row.sourceSizeVoxels, row.sourceAffineMm),
    orientation: row.sourceOrientation,
    form: row.sourceForm,
    warnings: JSON.parse(row.sourceWarnings) as string[],
  },
});

const toCase = (row: CaseRow, channels: Channel[], label: LabelRevision | null): Case => ({
  id: row.id,
  name: row.name,
  split: row.split,
  patient: row.patient,
  grid: toGrid(row.sizeVoxels, row.affineMm),
  channels,
  label,
  addedAt: row.addedAt,
});

/** All cases, by name. */
export function listCases(db: Reader): Case[] {
  const labels = newestLabels(db);
  const channels = Map.groupBy(db.all<VolumeRow>('SELECT * FROM volumes ORDER BY caseId, position'), (row) => row.caseId);
  return db
    .all<CaseRow>('SELECT * FROM cases ORDER BY name COLLATE NOCASE')
    .map((row) => toCase(row, (channels.get(row.id) ?? []).map(toChannel), labels.get(row.id) ?? null));
}

/** Cases with the given ids, in that order. @throws NOT_FOUND */
export function getCases(db: Reader, ids: readonly CaseId[]): Case[] {
  const known = new Map(listCases(db).map((one) => [one.id, one]));
  return ids.map((id) => known.get(id) ?? fail('NOT_FOUND', `case ${id}`));
}

/** The same in the order in which runs see them: by name, since ids differ between two imports of the same data. @throws NOT_FOUND */
export const casesByName = (db: Reader, ids: readonly CaseId[]): Case[] => getCases(db, ids).toSorted((a, b) => (a.name < b.name ? -1 : 1));

/** Adds a case with its channels; their files must be remembered already. */
export function insertCase(db: Writer, { id, name, split, patient, grid, channels, addedAt }: Omit<Case, 'label'>): void {
  db.run('INSERT INTO cases (id, name, split, patient, sizeVoxels, affineMm, addedAt) VALUES (?, ?, ?, ?, ?, ?, ?)', [
    id,
    name,
    split,
    patient,
    JSON.stringify(grid.size),
    JSON.stringify(grid.affine),
    addedAt,
  ]);
  for (const channel of channels) insertVolume(db, id, channel);
}

function insertVolume(db: Writer, caseId: CaseId, { source, ...channel }: Channel): void {
  db.run(
    `INSERT INTO volumes (id, caseId, position, modality, unit, dtype, file, statistics, sourceName, sourceFile, sourceSizeVoxels,
                          sourceAffineMm, sourceOrientation, sourceForm, sourceWarnings)
     VALUES ($id, $caseId, $position, $modality, $unit, $dtype, $file, $statistics, $sourceName, $sourceFile, $sourceSizeVoxels,
             $sourceAffineMm, $sourceOrientation, $sourceForm, $sourceWarnings)`,
    {
      ...channel,
      caseId,
      statistics: JSON.stringify(channel.statistics),
      sourceName: source.fileName,
      sourceFile: source.original,
      sourceSizeVoxels: JSON.stringify(source.grid.size),
      sourceAffineMm: JSON.stringify(source.grid.affine),
      sourceOrientation: source.orientation,
      sourceForm: source.form,
      sourceWarnings: JSON.stringify(source.warnings),
    },
  );
}

/** Moves a case to another split. @throws NOT_FOUND */
export function setSplit(db: Writer, id: CaseId, split: Split): void {
  if (db.run('UPDATE cases SET split = ? WHERE id = ?', [split, id]) !== 1) fail('NOT_FOUND', `case ${id}`);
}

/** Says whose study a case is. @throws NOT_FOUND */
export function setPatient(db: Writer, id: CaseId, patient: string | null): void {
  if (db.run('UPDATE cases SET patient = ? WHERE id = ?', [patient, id]) !== 1) fail('NOT_FOUND', `case ${id}`);
}

/** All studies of a patient, by name. */
export const casesOfPatient = (db: Reader, patient: string): { name: string; split: Split }[] =>
  db.all('SELECT name, split FROM cases WHERE patient = ? ORDER BY name', [patient]);

/** Cases that hold one of these voxel files as an image channel. */
export function casesWithFile(db: Reader, hash: FileHash): { id: CaseId; name: string; split: Split; position: number }[] {
  return db.all('SELECT cases.id, name, split, position FROM volumes JOIN cases ON cases.id = caseId WHERE file = ? ORDER BY name', [hash]);
}

/** The case of that name, if there is one. */
export function caseNamed(db: Reader, name: string): Case | undefined {
  const row = db.one<{ id: CaseId }>('SELECT id FROM cases WHERE name = ?', [name]);
  return row && getCases(db, [row.id])[0];
}
