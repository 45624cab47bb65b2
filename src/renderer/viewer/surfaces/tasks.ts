/** What the page asks of the surface worker, and what comes back. Files are named by address: voxels are read where they are used. */
import type { FileHash } from '../../../shared/domain';
import type { Grid } from '../../../shared/geometry';
import type { Dtype } from '../../../shared/volume';
import type { AxisDifference } from '../differences';
import type { ShrunkImage } from './shrink';
import type { Surface } from './surfaceNets';

export interface StoredFile {
  readonly file: FileHash;
  readonly address: string;
}

export interface StructureSurface extends Surface {
  readonly structure: number;
}
export interface MeasuredSurface extends StructureSurface {
  /** Signed distance to the reference per vertex, in mm, positive outside it; not a number where the reference has no such structure. */
  readonly distances: Float32Array;
}

export interface Tasks {
  /** Smooth surfaces of every structure of a mask. */
  surfaces: { ask: { mask: StoredFile; grid: Grid }; answer: StructureSurface[] };
  /** The same, with distances to a reference. `range` suits a legend, in mm. */
  distances: { ask: { mask: StoredFile; reference: StoredFile; grid: Grid }; answer: { surfaces: MeasuredSurface[]; range: number } };
  /** An image small enough to render. */
  shrink: { ask: { image: StoredFile; dtype: Dtype; grid: Grid; mostSamples: number }; answer: ShrunkImage };
  /** Where two masks differ along i, j and k. */
  differences: {
    ask: { mask: StoredFile; reference: StoredFile; grid: Grid; hidden: number[] };
    answer: [AxisDifference, AxisDifference, AxisDifference];
  };
}
export type TaskName = keyof Tasks;

export type ToWorker = { [K in TaskName]: { id: number; name: K; ask: Tasks[K]['ask'] } }[TaskName];
export type FromWorker = { id: number } & ({ kind: 'done'; answer: Tasks[TaskName]['answer'] } | { kind: 'failed'; message: string });
