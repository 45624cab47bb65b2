/** Imports one planned case: every file is decoded and durable in the store before one transaction makes the case exist. */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Case, CaseId, Channel, ImportReport, LabelId, VolumeId } from '../../../shared/domain';
import { fail } from '../../../shared/errors';
import { describeGrid, sameGrid } from '../../../shared/geometry';
import type { Compute } from '../../compute/host';
import type { DecodedVolume } from '../../compute/protocol';
import { addressOf } from '../../files/durable';
import { caseNamed, casesWithFile, getCases, insertCase } from '../../store/cases';
import { appendEvent } from '../../store/events';
import { isRemembered, rememberFile } from '../../store/files';
import { insertLabel } from '../../store/labels';
import type { Store, Writer } from '../../store/store';
import { listStructures } from '../../store/structures';
import { JobStopped } from '../jobs';
import { meaningOf } from './modality';
import { type PlannedCase, refusal } from './plan';
import { adoptStructures, unnamed } from './structures';

export interface ImportContext {
  store: Store;
  compute: Compute;
  signal: AbortSignal;
  /** True when label values without a name may become structures `label 1` …: nobody has named any yet. */
  mayNameStructures: boolean;
  onProgress(fraction: number): void;
}
interface DecodedChannel extends DecodedVolume {
  fileName: string;
  title: string | null;
}
type Imported = ImportReport['imported'][number];
interface Outcome {
  imported: Imported | null;
  refused: ImportReport['refused'];
}

/**
 * A label that cannot be used is refused by itself; its image is imported without it. A label for a case that is in the project already,
 * with the same image, becomes the case's next label revision.
 * @throws whatever refuses the whole case
 */
export async function importCase(context: ImportContext, planned: PlannedCase): Promise<Outcome> {
  const { store } = context;
  const channels: DecodedChannel[] = [];
  try {
    await decodeChannels(context, planned, channels);
    requireOneGrid(planned, channels);
    const existing = sameImage(store, planned.name, channels);
    if (existing && !planned.label) fail('DUPLICATE_CASE', planned.name, 'with the same voxels');

    const { label, refused } = await labelFor(context, planned, channels);
    if (existing) {
      if (label && label.file.hash !== existing.label?.file) return { imported: addLabel(store, existing, label, context), refused };
      if (refused.length > 0) return { imported: null, refused };
      fail('DUPLICATE_CASE', planned.name, 'with the same voxels and label');
    }
    return { imported: addCase(context, planned, channels, label), refused };
  } catch (error) {
    await discard(store, channels);
    throw error;
  }
}

/** Fills `channels` as they come, so that whoever catches a failure knows what is stored already. */
async function decodeChannels(context: ImportContext, planned: PlannedCase, channels: DecodedChannel[]): Promise<void> {
  const files = planned.channels.length + (planned.label ? 1 : 0);
  for (const [position, { path, title }] of planned.channels.entries()) {
    const volumes = await decode(context, path, 'image', (fraction) => context.onProgress((position + fraction) / files));
    for (const volume of volumes) {
      const warnings = volumes.length > 1 ? [`It holds ${volumes.length} volumes; they became channels of one case.`] : [];
      channels.push({ ...volume, title, fileName: basename(path), warnings: [...volume.warnings, ...warnings] });
    }
  }
}

async function decode(
  { compute, store, signal }: ImportContext,
  path: string,
  role: 'image' | 'label',
  onFraction: (fraction: number) => void,
): Promise<DecodedVolume[]> {
  const outcome = await compute.run(
    'decode',
    { path, role, store: store.files },
    { signal, onProgress: ({ fraction }) => onFraction(fraction) },
  );
  if (outcome.state === 'stopped') throw new JobStopped();
  return outcome.result.volumes;
}

function requireOneGrid({ name }: PlannedCase, [first, ...others]: DecodedChannel[]): void {
  const odd = others.find((channel) => !sameGrid(channel.grid, first.grid));
  if (odd) fail('CHANNEL_GRIDS', name, first.fileName, describeGrid(first.grid), odd.fileName, describeGrid(odd.grid));
}

/**
 * The case of that name with exactly these voxels, if the project has it.
 * @throws DUPLICATE_CASE when the voxels are there under another name, or the name with other voxels
 */
function sameImage(store: Store, name: string, channels: DecodedChannel[]): Case | null {
  const hashes = channels.map((channel) => channel.file.hash);
  const isSame = (one: Case) => one.channels.length === hashes.length && one.channels.every((channel, i) => channel.file === hashes[i]);
  const holders = getCases(store.read, [...new Set(casesWithFile(store.read, hashes[0]).map((one) => one.id))]).filter(isSame);
  const own = holders.find((one) => one.name === name);
  if (own) return own;
  if (holders.length > 0) fail('DUPLICATE_CASE', name, `its voxels are those of case ${holders[0].name}, in the ${holders[0].split} split`);
  if (caseNamed(store.read, name)) fail('DUPLICATE_CASE', name, 'with other voxels; rename the file to add it as a case of its own');
  return null;
}

async function labelFor(
  context: ImportContext,
  planned: PlannedCase,
  [image]: DecodedChannel[],
): Promise<{ label: (DecodedVolume & { fileName: string }) | null; refused: ImportReport['refused'] }> {
  const path = planned.label;
  if (!path) return { label: null, refused: [] };
  const files = planned.channels.length + 1;
  try {
    const [label, ...more] = await decode(context, path, 'label', (fraction) => context.onProgress((files - 1 + fraction) / files));
    if (more.length > 0) fail('FILE_INVALID', path, 'the label', 'one volume', `${more.length + 1} volumes`);
    if (!sameGrid(label.grid, image.grid)) {
      fail('GRID_MISMATCH', path, describeGrid(label.grid), image.fileName, describeGrid(image.grid));
    }
    requireKnownValues(context, path, label);
    return { label: { ...label, fileName: basename(path) }, refused: [] };
  } catch (error) {
    if (error instanceof JobStopped) throw error;
    return { label: null, refused: [refusal(path, error)] };
  }
}

const valuesOf = (label: DecodedVolume) =>
  Object.keys(label.voxels)
    .map(Number)
    .filter((value) => value !== 0);

function requireKnownValues({ store, mayNameStructures }: ImportContext, path: string, label: DecodedVolume): void {
  if (mayNameStructures) return;
  const known = listStructures(store.read);
  const unknown = valuesOf(label).filter((value) => !known.some(({ index }) => index === value));
  if (unknown.length === 0) return;
  const names = known.map(({ index, name }) => `${index} (${name})`).join(', ');
  fail('LABEL_VALUES', path, unknown.join(', '), names || 'the background, 0');
}

function addCase(
  context: ImportContext,
  planned: PlannedCase,
  decoded: DecodedChannel[],
  label: (DecodedVolume & { fileName: string }) | null,
): Imported {
  const { store } = context;
  const channels = decoded.map(toChannel);
  const meanings = decoded.map((one) => meaningOf(one.title, one.fileName, one.statistics));
  const warnings = [
    ...decoded.flatMap(({ fileName, warnings }) => warnings.map((warning) => `${fileName}: ${warning}`)),
    ...decoded.flatMap(({ fileName }, i) => (meanings[i].warning ? [`${fileName}: ${meanings[i].warning}`] : [])),
    ...(label?.warnings ?? []).map((warning) => `${label?.fileName}: ${warning}`),
    ...splitWarnings(store, planned, decoded),
  ];
  const id = randomUUID() as string as CaseId;
  store.write((db) => {
    for (const { file, original } of decoded) {
      rememberFile(db, file);
      rememberFile(db, original);
    }
    insertCase(db, { id, name: planned.name, split: planned.split, grid: decoded[0].grid, channels, addedAt: new Date().toISOString() });
    if (label) insertLabelOf(db, id, label, context);
    appendEvent(db, 'import', `Case ${planned.name} was imported into the ${planned.split} split${label ? ' with its label' : ''}.`);
  });
  return {
    case: planned.name,
    channels: channels.length,
    labelled: label !== null,
    files: filesOf(planned, label),
    warnings: [...new Set(warnings)],
  };
}

const filesOf = (planned: PlannedCase, label: unknown) => [
  ...planned.channels.map(({ path }) => path),
  ...(label && planned.label ? [planned.label] : []),
];

function toChannel(decoded: DecodedChannel, position: number): Channel {
  const { modality, unit } = meaningOf(decoded.title, decoded.fileName, decoded.statistics);
  return {
    id: randomUUID() as string as VolumeId,
    position,
    modality,
    unit,
    dtype: decoded.dtype,
    file: decoded.file.hash,
    statistics: decoded.statistics,
    source: {
      fileName: decoded.fileName,
      original: decoded.original.hash,
      grid: decoded.sourceGrid,
      orientation: decoded.orientation,
      form: decoded.form,
      warnings: decoded.warnings,
    },
  };
}

function addLabel(store: Store, existing: Case, label: DecodedVolume & { fileName: string }, context: ImportContext): Imported {
  store.write((db) => {
    insertLabelOf(db, existing.id, label, context);
    appendEvent(db, 'import', `Case ${existing.name} got label revision ${(existing.label?.revision ?? 0) + 1}.`);
  });
  const warning = `The image was in the project already; ${existing.label ? 'the label became its next revision' : 'it is labelled now'}.`;
  return { case: existing.name, channels: existing.channels.length, labelled: true, files: [label.fileName], warnings: [warning] };
}

function insertLabelOf(db: Writer, id: CaseId, label: DecodedVolume & { fileName: string }, { mayNameStructures }: ImportContext): void {
  if (mayNameStructures) {
    const known = new Set(listStructures(db).map(({ index }) => index));
    adoptStructures(
      db,
      valuesOf(label)
        .filter((value) => !known.has(value))
        .map(unnamed),
    );
  }
  rememberFile(db, label.file);
  rememberFile(db, label.original);
  insertLabel(db, {
    id: randomUUID() as string as LabelId,
    case: id,
    file: label.file.hash,
    origin: 'import',
    voxels: Object.fromEntries(Object.entries(label.voxels).filter(([value]) => value !== '0')),
    sourceName: label.fileName,
    sourceFile: label.original.hash,
  });
}

/** The same image on both sides of the wall between training and test makes every score too good. */
function splitWarnings(store: Store, { split }: PlannedCase, channels: DecodedChannel[]): string[] {
  return channels.flatMap(({ file, fileName }) =>
    casesWithFile(store.read, file.hash)
      .filter((other) => (other.split === 'test') !== (split === 'test'))
      .map(
        (other) =>
          `${fileName} shows the same image as case ${other.name} of the ${other.split} split: scores will look better than they are.`,
      ),
  );
}

/** Frees the space of a refused case's image files. What any row refers to stays; masks stay too, for a prediction may just be storing the same. */
async function discard(store: Store, channels: DecodedChannel[]): Promise<void> {
  for (const { hash } of channels.flatMap(({ file, original }) => [file, original])) {
    if (!isRemembered(store.read, hash)) await rm(addressOf(store.files, hash), { force: true });
  }
}
