/** What the columns of a SAM's tokens hold before it has learned anything. */
import type { Tensor } from '../../engine/tensor';
import type { SamSpec } from '../../networks/sam/spec';

/** Waves along each axis that places are compared by, in periods per half side: a quarter tells sides apart, 1 neighbours. */
export const frequencies = [0.25, 0.5, 1] as const;

/** Columns of a token in the decoder; those of the encoder's tokens are called rows. */
export interface Layout {
  /** Where a token lies, and nothing else: sine and cosine of every wave. */
  places: number[];
  /** The mask that was shown, one per corner of a token. */
  masks: number[];
  /** How near a click is, one per head of an attention. */
  gates: number[];
  constants: { row: number; column: number; sign: number }[];
  /** What the image shows, as cosines along each axis of so many half periods. */
  waves: { row: number; column: number; along: number[] }[];
  /** What tokens mean. */
  free: number[];
}

/** Constants beside the content, half of them negative. */
export const constants = 6;
/** The same in the middle of the transposed convolutions: opposites, one after the other. */
export const opposites = [1, -1, 1, -1] as const;
/** Places of a mask along one side of a token: it is enlarged twice, by two. */
export const fine = 4;
export const corners = ({ axes }: SamSpec): number => 2 ** axes;

/** Index along each axis of the n-th cell of a cube, slowest first. */
export const cell = (n: number, axes: number, side: number): number[] =>
  Array.from({ length: axes }, (_, axis) => Math.floor(n / side ** (axes - 1 - axis)) % side);

/** Sine and cosine of every wave. */
export const placeColumns = ({ axes, promptWidth }: SamSpec): number[] =>
  Array.from({ length: frequencies.length * axes }, (_, n) => [n, promptWidth / axes + n]).flat();

/** Null for a network too narrow to hold it all. */
export function layoutOf(spec: SamSpec): Layout | null {
  const { axes, width, promptWidth, maskWidth, patch, decoder } = spec;
  const inner = corners(spec);
  const middle = 2 * inner + opposites.length + 4;
  if (patch % fine !== 0 || promptWidth / 4 < middle || maskWidth < 2 * inner + opposites.length) return null;
  const places = placeColumns(spec);
  const left = Array.from({ length: promptWidth }, (_, column) => column).filter((column) => !places.includes(column));
  const masks = left.splice(0, inner);
  const gates = left.splice(0, decoder.heads);
  const steady = left.splice(0, constants);
  const along = Array.from({ length: fine ** axes }, (_, n) => cell(n, axes, fine)).sort((a, b) => sum(a) - sum(b));
  const count = Math.min(along.length, left.length - fewestFree, width - constants);
  if (count <= 0) return null;
  return {
    ...{ places, masks, gates },
    waves: left.splice(0, count).map((column, row) => ({ row, column, along: along[row] })),
    constants: steady.map((column, n) => ({ row: count + n, column, sign: n % 2 === 0 ? 1 : -1 })),
    free: left,
  };
}
const fewestFree = 8;
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Changes fresh parameters: keeps a share of the random start and writes into the rest. */
export type Edit = (name: string, keep: number, change?: (data: Float32Array, dims: readonly number[]) => void) => void;

export const editing =
  (start: Map<string, Tensor>): Edit =>
  (name, keep, change) => {
    const { dims, data } = start.get(name) as Tensor<Float32Array>;
    const next = data.map((value) => keep * value);
    change?.(next, dims);
    start.set(name, { dims, data: next });
  };
