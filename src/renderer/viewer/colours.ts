/** Intensities become colours: window and level, grey, inverse grey and hot tables, PET laid over CT. */

/** What is black and what is white, in the channel's unit. */
export interface Window {
  readonly low: number;
  readonly high: number;
}

export const colourMaps = ['grey', 'inverse', 'hot'] as const;
export type ColourMap = (typeof colourMaps)[number];

const ramp = (t: number, from: number, to: number) => Math.round(255 * Math.min(1, Math.max(0, (t - from) / (to - from))));

const formulas: Record<ColourMap, (t: number) => [r: number, g: number, b: number]> = {
  grey: (t) => [ramp(t, 0, 1), ramp(t, 0, 1), ramp(t, 0, 1)],
  inverse: (t) => [ramp(t, 1, 0), ramp(t, 1, 0), ramp(t, 1, 0)],
  // Black, red, yellow, white: the classic order of the hot-metal table.
  hot: (t) => [ramp(t, 0, 0.4), ramp(t, 0.35, 0.8), ramp(t, 0.75, 1)],
};

/** 256 colours, three bytes each. */
export const table = (map: ColourMap): Uint8Array =>
  Uint8Array.from(Array.from({ length: 256 }, (_, level) => formulas[map](level / 255)).flat());

const tables: Record<ColourMap, Uint8Array> = { grey: table('grey'), inverse: table('inverse'), hot: table('hot') };

/** One windowed layer of a picture. */
export interface Layer {
  readonly values: Float32Array;
  readonly window: Window;
  readonly map: ColourMap;
}

/** Paints one layer, opaque, four bytes a pixel. */
export function paint(out: Uint8ClampedArray, { values, window, map }: Layer): void {
  const colours = tables[map];
  const { low } = window;
  const gain = 255 / (window.high - low);
  for (let at = 0, to = 0; at < values.length; at++, to += 4) {
    const level = (values[at] - low) * gain;
    const entry = 3 * (level > 0 ? (level < 255 ? (level + 0.5) | 0 : 255) : 0);
    out[to] = colours[entry];
    out[to + 1] = colours[entry + 1];
    out[to + 2] = colours[entry + 2];
    out[to + 3] = 255;
  }
}

/**
 * Paints `over` on `base`. `fusion` 0 shows the base alone, 1 the layer over it alone; between them the base fades
 * slowly while the other brightens. The layer over it covers as much as it is bright, so a cold background stays clear.
 */
export function paintFused(out: Uint8ClampedArray, base: Layer, over: Layer, fusion: number): void {
  const [below, above] = [tables[base.map], tables[over.map]];
  const keep = 1 - fusion * fusion;
  const add = fusion;
  const gainBelow = 255 / (base.window.high - base.window.low);
  const gainAbove = 255 / (over.window.high - over.window.low);
  for (let at = 0, to = 0; at < base.values.length; at++, to += 4) {
    const a = (base.values[at] - base.window.low) * gainBelow;
    const b = (over.values[at] - over.window.low) * gainAbove;
    const entryBelow = 3 * (a > 0 ? (a < 255 ? (a + 0.5) | 0 : 255) : 0);
    const level = b > 0 ? (b < 255 ? (b + 0.5) | 0 : 255) : 0;
    const entryAbove = 3 * level;
    const clear = keep * (1 - (add * level) / 255);
    out[to] = below[entryBelow] * clear + above[entryAbove] * add;
    out[to + 1] = below[entryBelow + 1] * clear + above[entryAbove + 1] * add;
    out[to + 2] = below[entryBelow + 2] * clear + above[entryAbove + 2] * add;
    out[to + 3] = 255;
  }
}
