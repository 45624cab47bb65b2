/** Makes a decoded case exist: the rows that point to its files. */
import { randomUUID } from 'node:crypto';
import type { Case, CaseId, Channel, ImportReport, LabelId, Split, VolumeId } from '../../../shared/domain';
import { casesOfPatient, casesWithFile, insertCase } from '../../store/cases';
import { appendEvent } from '../../store/events';
import { rememberFile } from '../../store/files';
import { insertLabel, labelHistory } from '../../store/labels';
import type { Store, Writer } from '../../store/store';
import { listStructures } from '../../store/structures';
import { valuesOf } from './caseLabel';
import type { DecodedChannel, DecodedLabel, ImportContext } from './decodeCase';
import { meaningOf } from './modality';
import { patientInName } from './patient';
import type { PlannedCase } from './plan';
import { adoptStructures, unnamed } from './structures';

type Imported = ImportReport['imported'][number];

/** A new case with its channels, and its label if there is one, in one transaction. */
export function addCase(context: ImportContext, planned: PlannedCase, decoded: DecodedChannel[], label: DecodedLabel | null): Imported {
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
    const { name, split } = planned;
    insertCase(db, { id, name, split, patient: patientInName(name), grid: decoded[0].grid, channels, addedAt: new Date().toISOString() });
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

/** The next label revision of a case that is in the project already. */
export function addLabel(store: Store, existing: Case, label: DecodedLabel, context: ImportContext): Imported {
  store.write((db) => {
    insertLabelOf(db, existing.id, label, context);
    appendEvent(db, 'import', `Case ${existing.name} got label revision ${labelHistory(db, existing.id)[0].revision}.`);
  });
  const warning = `The image was in the project already; ${existing.label ? 'the label became its next revision' : 'it is labelled now'}.`;
  return { case: existing.name, channels: existing.channels.length, labelled: true, files: [label.fileName], warnings: [warning] };
}

function insertLabelOf(db: Writer, id: CaseId, label: DecodedLabel, { mayNameStructures }: ImportContext): void {
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

/** The same image, or another of the same patient, on both sides of the wall between training and test: scores would be too good. */
function splitWarnings(store: Store, { name, split }: PlannedCase, channels: DecodedChannel[]): string[] {
  const isAcross = (other: { split: Split }) => (other.split === 'test') !== (split === 'test');
  const copies = channels.flatMap(({ file, fileName }) =>
    casesWithFile(store.read, file.hash)
      .filter(isAcross)
      .map(
        (other) =>
          `${fileName} shows the same image as case ${other.name} of the ${other.split} split: scores will look better than they are.`,
      ),
  );
  const patient = patientInName(name);
  const visits = patient === null ? [] : casesOfPatient(store.read, patient).filter(isAcross);
  return [
    ...copies,
    ...visits.map(
      (other) =>
        `By its name ${name} is of patient ${patient}, as is ${other.name} of the ${other.split} split: runs will refuse to see one of them until both are in the test split, or neither.`,
    ),
  ];
}
