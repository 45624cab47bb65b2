/** The voxels of the case on screen: its image channels and masks as streams, and slices cut from them, ready to be painted. */
import type { Case, FileHash } from '../../shared/domain';
import { extractImage, extractLabels, finer, type PlaneOf } from './extract';
import { type Plane, planeAxes } from './planes';
import { Recent } from './recent';
import { contoursOf, type SliceOutlines } from './sliceOutlines';
import type { MaskSource } from './sources';
import { openVoxels, type VoxelStream } from './voxelStream';

export interface CaseVoxels {
  readonly channels: readonly VoxelStream[];
  mask(source: string): VoxelStream | null;
  /** A slice of a channel, made finer; null until anything of it is here. */
  image(channel: number, plane: Plane, slice: number, fineness: readonly [number, number]): PlaneOf<Float32Array> | null;
  /** Outlines of a mask; null until the slice is here. */
  outlines(source: string, plane: Plane, slice: number): SliceOutlines | null;
  /**
   * Resolves once everything asked for has arrived (or failed) and has been on the screen for a moment: work that can wait, and
   * that would hold up the first slices, starts then. Never resolves after `dispose`.
   */
  settled(): Promise<void>;
  /** Opens masks that are new and lets go of those that are gone. */
  setSources(sources: readonly MaskSource[]): void;
  /** Calls back when voxels have arrived. */
  listen(hear: () => void): () => void;
  dispose(): void;
}

/** Which rows of a plane have arrived: all or none for axial, some for the others. */
function arrivedRows(stream: VoxelStream, plane: Plane, slice: number): { none: boolean; all: boolean } {
  if (stream.state === 'complete') return { none: false, all: true };
  if (plane === 'axial') {
    const has = stream.hasSlice(slice);
    return { none: !has, all: has };
  }
  return { none: stream.fraction === 0, all: false };
}

export function openCaseVoxels(subject: Case, sources: readonly MaskSource[]): CaseVoxels {
  const { size } = subject.grid;
  const middle = Math.floor(size[2] / 2);
  const channels = subject.channels.map(({ file, dtype }) => openVoxels(file, dtype, size, middle));
  const masks = new Map<string, VoxelStream>();
  const images = new Recent<PlaneOf<Float32Array>>(40);
  const contours = new Recent<SliceOutlines>(400);
  const listeners = new Set<() => void>();
  const hearAll = () => {
    for (const hear of [...listeners]) hear();
  };
  const stops = new Map<VoxelStream, () => void>(channels.map((stream) => [stream, stream.listen(hearAll)]));
  // Axes are cut as stored; mirroring is the view's business.
  const axes = (plane: Plane) => planeAxes(plane, 'radiological');

  const close = (stream: VoxelStream) => {
    stops.get(stream)?.();
    stops.delete(stream);
    stream.release();
  };
  const setSources = (next: readonly MaskSource[]) => {
    const files = new Map(next.map(({ id, file }) => [id, file] as [string, FileHash]));
    for (const [id, stream] of masks) {
      if (files.get(id) === stream.file) continue;
      masks.delete(id);
      close(stream);
    }
    for (const { id, file } of next) {
      if (masks.has(id)) continue;
      const stream = openVoxels(file, 'uint8', size, middle);
      masks.set(id, stream);
      stops.set(stream, stream.listen(hearAll));
    }
  };
  setSources(sources);

  return {
    channels,
    mask: (source) => masks.get(source) ?? null,
    image(channel, plane, slice, fineness) {
      const stream = channels[channel];
      const arrived = arrivedRows(stream, plane, slice);
      if (arrived.none) return null;
      const key = `${channel}/${plane}/${slice}/${fineness}`;
      return images.get(key, () => finer(extractImage(stream.voxels, size, axes(plane), slice), ...fineness), arrived.all);
    },
    outlines(source, plane, slice) {
      const stream = masks.get(source);
      if (!stream) return null;
      const arrived = arrivedRows(stream, plane, slice);
      if (arrived.none) return null;
      const key = `${stream.file}/${plane}/${slice}`;
      return contours.get(key, () => contoursOf(extractLabels(stream.voxels as Uint8Array, size, axes(plane), slice)), arrived.all);
    },
    settled: () =>
      new Promise((resolve) => {
        const isLoading = () => [...channels, ...masks.values()].some(({ state }) => state === 'loading');
        const look = () => {
          if (isLoading()) return;
          listeners.delete(look);
          requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 120)));
        };
        listeners.add(look);
        look();
      }),
    setSources,
    listen(hear) {
      listeners.add(hear);
      return () => listeners.delete(hear);
    },
    dispose() {
      listeners.clear();
      for (const stream of [...channels, ...masks.values()]) close(stream);
      masks.clear();
    },
  };
}
