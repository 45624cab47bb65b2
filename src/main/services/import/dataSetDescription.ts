/** Reads nnU-Net's `dataset.json`, of version 1 (Decathlon) and 2: channel names and label names. */
import { readFile } from 'node:fs/promises';
import { fail } from '../../../shared/errors';

export interface DataSetDescription {
  name: string | null;
  /** What each channel shows, by channel number. */
  channels: string[];
  structures: { index: number; name: string }[];
  warnings: string[];
}

/**
 * @returns null when there is no such file.
 * @throws FILE_INVALID naming the field, what was expected and what came
 */
export async function readDescription(path: string): Promise<DataSetDescription | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? null : fail('FILE_UNREADABLE', path, error.message),
  );
  if (text === null) return null;
  const fields = parse(path, text.replace(/^\uFEFF/, ''));
  const ending = fields.file_ending;
  if (typeof ending === 'string' && !/^\.nii(\.gz)?$/.test(ending)) fail('FILE_INVALID', path, 'file_ending', '.nii.gz or .nii', ending);
  return {
    name: typeof fields.name === 'string' ? fields.name : null,
    channels: channelNames(path, fields.channel_names ?? fields.modality),
    ...labelNames(path, fields.labels),
  };
}

type Fields = Record<string, unknown>;
const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

function parse(path: string, text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    fail('FILE_INVALID', path, 'its content', 'JSON', `not (${(error as Error).message})`);
  }
  return isObject(value) ? value : fail('FILE_INVALID', path, 'its content', 'a JSON object', JSON.stringify(value));
}

/** `{"0": "CT", "1": "PET"}` in both versions. */
function channelNames(path: string, value: unknown): string[] {
  const entries = isObject(value) ? Object.entries(value).toSorted((a, b) => Number(a[0]) - Number(b[0])) : [];
  const isComplete = entries.length > 0 && entries.every(([key, name], position) => Number(key) === position && typeof name === 'string');
  if (!isComplete) fail('FILE_INVALID', path, 'channel_names', 'names by channel number from 0', JSON.stringify(value) ?? 'missing');
  return entries.map(([, name]) => name as string);
}

/** `{"background": 0, "liver": 1}` in version 2, `{"0": "background", "1": "liver"}` in version 1. */
function labelNames(path: string, value: unknown): Pick<DataSetDescription, 'structures' | 'warnings'> {
  if (!isObject(value)) fail('FILE_INVALID', path, 'labels', 'names and values', JSON.stringify(value) ?? 'missing');
  const structures: DataSetDescription['structures'] = [];
  const warnings: string[] = [];
  for (const [key, entry] of Object.entries(value)) {
    const [name, index] = typeof entry === 'string' && /^\d+$/.test(key) ? [entry, Number(key)] : [key, entry];
    if (Array.isArray(index)) fail('FILE_INVALID', path, `label “${name}”`, 'one whole number', `the region ${JSON.stringify(index)}`);
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index > 255) {
      fail('FILE_INVALID', path, `label “${name}”`, 'a whole number from 0 to 255', JSON.stringify(entry));
    }
    if (index === 0) continue;
    if (name.toLowerCase() === 'ignore') {
      warnings.push(
        `Value ${index} means “ignore” in this data set. Understudy knows no such value, so labels that contain it are refused.`,
      );
      continue;
    }
    const twice = structures.find((one) => one.index === index);
    if (twice) fail('FILE_INVALID', path, `label “${name}”`, 'a value of its own', `${index}, like “${twice.name}”`);
    structures.push({ index, name });
  }
  return { structures: structures.toSorted((a, b) => a.index - b.index), warnings };
}
