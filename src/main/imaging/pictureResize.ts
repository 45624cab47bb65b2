/** Resizes pictures (rows of pixels, top row first) bilinearly, as the image libraries do that 2D networks were trained with. */

export interface PictureSize {
  columns: number;
  rows: number;
}

/**
 * A picture at another size, columns first. Pixels are squares: centre x of the result looks at (x + ½)·old/new − ½.
 * Bytes are averaged over all that a new pixel covers and rounded after each direction, as Pillow does; real numbers are interpolated
 * between their two neighbours, as PyTorch's `interpolate` does without antialiasing.
 * @throws a plain error if the count of pixels is not what `from` says
 */
export function resizePicture<P extends Uint8Array | Float32Array>(pixels: P, from: PictureSize, to: PictureSize): P {
  if (pixels.length !== from.columns * from.rows) {
    throw new Error(`resizePicture: ${pixels.length} pixels, expected ${from.columns}×${from.rows}`);
  }
  const wide = resizeAxis(pixels, { lines: from.rows, along: 1, across: from.columns }, from.columns, to.columns);
  return resizeAxis(wide, { lines: to.columns, along: to.columns, across: 1 }, from.rows, to.rows);
}

/** Steps between neighbours on one line, and between lines; a result keeps the order. */
interface Lines {
  lines: number;
  along: number;
  across: number;
}

// Pillow's weights are whole multiples of this; with them bytes come out as there, ties included.
const precision = 2 ** 22;

function resizeAxis<P extends Uint8Array | Float32Array>(pixels: P, { lines, along, across }: Lines, before: number, after: number): P {
  if (before === after) return pixels;
  const isBytes = pixels instanceof Uint8Array;
  const out = new (pixels.constructor as new (length: number) => P)(lines * after);
  const nextLine = across === before ? after : across;
  for (let at = 0; at < after; at++) {
    const { first, weights } = weightsOf(at, before, after, isBytes);
    for (let line = 0; line < lines; line++) {
      let sum = isBytes ? precision / 2 : 0;
      for (const [n, weight] of weights.entries()) sum += weight * pixels[line * across + (first + n) * along];
      out[line * nextLine + at * along] = isBytes ? Math.min(255, Math.floor(sum / precision)) : sum;
    }
  }
  return out;
}

/** Weights of old pixels `first`, `first` + 1, … in a new one: a triangle as wide as a new pixel, but never narrower than an old one. */
function weightsOf(at: number, before: number, after: number, isBytes: boolean): { first: number; weights: number[] } {
  const step = before / after;
  const reach = isBytes ? Math.max(1, step) : 1;
  const centre = (at + 0.5) * step;
  const first = Math.max(0, Math.floor(centre - reach + 0.5));
  const last = Math.min(before, Math.floor(centre + reach + 0.5));
  const heights = Array.from({ length: last - first }, (_, n) => Math.max(0, 1 - Math.abs(first + n + 0.5 - centre) / reach));
  const total = heights.reduce((sum, height) => sum + height, 0);
  const weights = heights.map((height) => height / total);
  return { first, weights: isBytes ? weights.map((weight) => Math.floor(weight * precision + 0.5)) : weights };
}
