/** Student networks by name, so that a plan or a model's metadata can say in plain JSON which network it means. */
import { type NestedUnetSpec, nestedUnet } from './nestedUnet';
import type { Network } from './network';
import { type PlainConvUnetSpec, plainConvUnet } from './plainConvUnet';
import { type Unet2dSpec, unet2d } from './unet2d';
import { type Unet3dSpec, unet3d } from './unet3d';
import { type VnetSpec, vnet } from './vnet';

/** A network in plain JSON: its architecture and what that needs to know. */
export type StudentSpec =
  | ({ architecture: 'unet3d' } & Unet3dSpec)
  | ({ architecture: 'vnet' } & VnetSpec)
  | ({ architecture: 'nestedUnet' } & NestedUnetSpec)
  | ({ architecture: 'unet2d' } & Unet2dSpec)
  | ({ architecture: 'plainConvUnet' } & PlainConvUnetSpec);
export type Architecture = StudentSpec['architecture'];

/** The network itself; its `strides` say how many axes an image has and what its sides must be multiples of. */
export function studentNetwork(spec: StudentSpec): Network {
  switch (spec.architecture) {
    case 'unet3d':
      return unet3d(spec);
    case 'vnet':
      return vnet(spec);
    case 'nestedUnet':
      return nestedUnet(spec);
    case 'unet2d':
      return unet2d(spec);
    case 'plainConvUnet':
      return plainConvUnet(spec);
  }
}

/** 2 for images, 3 for volumes. */
export const axesOf = (network: Network): number => network.strides.length;

/**
 * Reads a specification from plain JSON.
 * @throws one sentence that names the field, what it should be and what came
 */
export function readStudentSpec(raw: unknown): StudentSpec {
  const fields = fieldsOf(raw, 'a student');
  const architecture = oneOf(fields.architecture, 'architecture', Object.keys(readers) as Architecture[]);
  const spec = readers[architecture](fields);
  const unknown = Object.keys(fields).find((key) => !Object.hasOwn(spec, key));
  if (unknown) throw new Error(`student: ${architecture} has no ${unknown}`);
  return spec;
}

type Fields = Readonly<Record<string, unknown>>;
const ends = (f: Fields) => ({ inChannels: count(f.inChannels, 'inChannels'), classes: count(f.classes, 'classes') });

const readers: { [A in Architecture]: (fields: Fields) => Extract<StudentSpec, { architecture: A }> } = {
  unet3d: (f) => ({ architecture: 'unet3d', ...ends(f), widths: counts(f.widths, 'widths', 5) }),
  vnet: (f) => ({
    architecture: 'vnet',
    ...ends(f),
    axes: oneOf(f.axes, 'axes', [2, 3]),
    width: count(f.width, 'width'),
    norm: oneOf(f.norm, 'norm', ['none', 'batch', 'instance', 'group']),
    skips: oneOf(f.skips, 'skips', ['results', 'beginnings']),
  }),
  nestedUnet: (f) => ({
    architecture: 'nestedUnet',
    ...ends(f),
    widths: counts(f.widths, 'widths', 5),
    paths: oneOf(f.paths, 'paths', ['nested', 'plain']),
    deepSupervision: oneOf(f.deepSupervision, 'deepSupervision', [false, true]),
  }),
  unet2d: (f) => ({
    architecture: 'unet2d',
    ...ends(f),
    widths: counts(f.widths, 'widths', 5),
    dropout: list(f.dropout, 'dropout', 5).map((item, i) => share(item, `dropout[${i}]`)),
  }),
  plainConvUnet: (f) => {
    const widths = counts(f.widths, 'widths');
    const perStage = (key: 'kernels' | 'strides') =>
      list(f[key], key, widths.length).map((stage, i) => counts(stage, `${key}[${i}]`, axes));
    const axes = oneOf(list(list(f.kernels, 'kernels')[0], 'kernels[0]').length, 'the number of axes', [2, 3]);
    const convolutions = fieldsOf(f.convolutions, 'convolutions');
    return {
      architecture: 'plainConvUnet',
      ...ends(f),
      widths,
      kernels: perStage('kernels'),
      strides: perStage('strides'),
      convolutions: { down: count(convolutions.down, 'convolutions.down'), up: count(convolutions.up, 'convolutions.up') },
      deepSupervision: oneOf(f.deepSupervision, 'deepSupervision', [false, true]),
    };
  },
};

const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0;
const isShare = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value < 1;

function refuse(name: string, expected: string, came: unknown): never {
  throw new Error(`student: ${name} should be ${expected}, not ${JSON.stringify(came)}`);
}
const count = (value: unknown, name: string): number => (isCount(value) ? value : refuse(name, 'a whole number from 1', value));
const share = (value: unknown, name: string): number => (isShare(value) ? value : refuse(name, 'a share from 0 to below 1', value));
const counts = (value: unknown, name: string, length?: number): number[] =>
  list(value, name, length).map((item, i) => count(item, `${name}[${i}]`));

function list(value: unknown, name: string, length?: number): unknown[] {
  const fits = Array.isArray(value) && value.length > 0 && (length === undefined || value.length === length);
  return fits ? value : refuse(name, length === undefined ? 'a list' : `a list of ${length}`, value);
}
function oneOf<const T extends string | number | boolean>(value: unknown, name: string, options: readonly T[]): T {
  return options.find((option) => option === value) ?? refuse(name, `one of ${options.join(', ')}`, value);
}
function fieldsOf(value: unknown, name: string): Fields {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord ? (value as Fields) : refuse(name, 'a record of fields', value);
}
