/** Rotary positions of DINOv3 (after Su et al. 2021): each pair of features of a patch token turns by angles that say where its patch lies. */
import { type Tensor, tensor } from '../../engine/tensor';

/** The angles' periods for heads of `headDim` features (a multiple of 4): base^(2i/(headDim/2)), i = 0 … headDim/4 − 1. */
export function ropePeriods(headDim: number, base = 100): Float32Array {
  if (headDim % 4 !== 0) throw new Error(`ropePeriods: heads should have a multiple of 4 features, not ${headDim}`);
  return Float32Array.from({ length: headDim / 4 }, (_, i) => base ** ((4 * i) / headDim));
}

/**
 * Sine and cosine of every patch's angles, [rows·columns, 4·periods], patches row by row.
 * Centres of patches count from −1 to 1 along each side by itself, so that images of any shape share one range. Angles are
 * 2π·centre/period, those of the row first, then those of the column, and both once more: feature k turns with feature k + headDim/2.
 */
export function ropeTables(rows: number, columns: number, periods: ArrayLike<number>): { sin: Tensor; cos: Tensor } {
  const count = periods.length;
  const dims = [rows * columns, 4 * count];
  const [sin, cos] = [0, 1].map(() => new Float32Array(rows * columns * 4 * count));
  const centre = (at: number, length: number) => (2 * (at + 0.5)) / length - 1;
  for (let row = 0, n = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let feature = 0; feature < 4 * count; feature++, n++) {
        const isColumn = Math.floor(feature / count) % 2 === 1;
        const angle = (2 * Math.PI * (isColumn ? centre(column, columns) : centre(row, rows))) / periods[feature % count];
        sin[n] = Math.sin(angle);
        cos[n] = Math.cos(angle);
      }
    }
  }
  return { sin: tensor(dims, sin), cos: tensor(dims, cos) };
}
