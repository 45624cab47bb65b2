/** The image part of a slice view: channels windowed, fused and painted into a bitmap that the view stretches into place. */
import type { CaseVoxels } from './caseVoxels';
import { type ColourMap, type Layer, paint, paintFused } from './colours';
import { finenessFor } from './extract';
import type { Plane } from './planes';
import { Recent } from './recent';
import type { RoomState } from './roomState';

/** Pictures shared by all views of a case: side-by-side views of one slice are painted once. */
export type Pictures = Recent<OffscreenCanvas | null>;
export const createPictures = (): Pictures => new Recent<OffscreenCanvas | null>(24);

/** Colours of a channel that is alone on the screen. */
export const aloneMapOf = (state: Pick<RoomState, 'subject' | 'aloneMap'>, channel: number): ColourMap =>
  state.subject.channels[channel].modality === 'PET' ? state.aloneMap : 'grey';

function bitmapOf(width: number, height: number, draw: (pixels: Uint8ClampedArray) => void): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  const pixels = context.createImageData(width, height);
  draw(pixels.data);
  context.putImageData(pixels, 0, 0);
  return canvas;
}

/** Rows (k) that have not arrived yet become transparent rather than a false zero. */
function clearMissing(pixels: Uint8ClampedArray, width: number, height: number, fineness: number, has: (k: number) => boolean): void {
  for (let row = 0; row < height; row++) if (!has(Math.floor(row / fineness))) pixels.fill(0, row * width * 4, (row + 1) * width * 4);
}

/**
 * The painted slice, or null until something of it has arrived.
 * @param pixelsPerVoxel  Device pixels a voxel covers across and up: decides how finely the image is interpolated.
 */
export function pictureOf(
  pictures: Pictures,
  voxels: CaseVoxels,
  state: RoomState,
  plane: Plane,
  slice: number,
  planeSize: readonly [number, number],
  pixelsPerVoxel: readonly [number, number],
): OffscreenCanvas | null {
  const { base, over, fusion, windows } = state;
  if (state.subject.channels.length === 0) return null;
  const fineness = finenessFor(pixelsPerVoxel, planeSize);
  const shown = over === null || fusion === 0 ? [base] : fusion === 1 ? [over] : [base, over];
  const streams = shown.map((channel) => voxels.channels[channel]);
  const complete = streams.every((stream) => stream.state === 'complete');
  const layer = (channel: number, map: ColourMap): Layer | null => {
    const image = voxels.image(channel, plane, slice, fineness);
    return image && { values: image.values, window: windows[channel], map };
  };
  const look = shown.map((channel) => `${channel}:${windows[channel].low}:${windows[channel].high}`).join();
  const key = [plane, slice, fineness, look, shown.length > 1 ? fusion : '', state.aloneMap].join('/');
  return pictures.get(
    key,
    () => {
      const [width, height] = [planeSize[0] * fineness[0], planeSize[1] * fineness[1]];
      const layers = shown.map((channel) => layer(channel, shown.length > 1 && channel === over ? 'hot' : aloneMapOf(state, channel)));
      const [below, above] = layers;
      if (!below) return null;
      return bitmapOf(width, height, (pixels) => {
        if (above) paintFused(pixels, below, above, fusion);
        else paint(pixels, below);
        if (complete || plane === 'axial') return;
        clearMissing(pixels, width, height, fineness[1], (k) => streams.every((stream) => stream.hasSlice(k)));
      });
    },
    complete || (plane === 'axial' && streams.every((stream) => stream.hasSlice(slice))),
  );
}
