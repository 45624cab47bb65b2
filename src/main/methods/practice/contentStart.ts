/**
 * A start in which a SAM sees: what lies at every place of a mask reaches the features that filters are applied to, unchanged. Released weights had to
 * learn that over weeks, through layers that begin as noise. The patch embedding begins as cosine waves, the neck as the identity, and the transposed
 * convolutions as the inverse of the waves. Every number goes through GELU as a pair of opposites, since gelu(x) − gelu(−x) = x, and through layer norms
 * beside constants, so that what is uniform is not divided away. The last features are ramps over intensities and the mask that was shown.
 */
import type { SamSpec } from '../../networks/sam/spec';
import { cell, constants, corners, type Edit, fine, type Layout, opposites } from './layout';

/** How high the constants are, in units of standardised intensity. */
const constantHeight = 3;
/** The same in the middle of the transposed convolutions, where eight voxels of lungs must not drown them. */
const middleHeight = 6;
/** Values of standardised intensity that a layer norm of the middle leaves at about 1. */
const middleScale = 2.5;
/** How much of PyTorch's random start stays beside what is laid out. */
const noise = 0.2;
/** How much of it stays in what blocks add to their tokens. */
const blockNoise = 0.1;
/** Logits of masks that are brought to about 1. */
const maskLogits = 2;

/** What a wave shows at one place of a mask, without its loudness. */
const heightAt = (along: readonly number[], place: readonly number[]) =>
  along.reduce((product, f, axis) => product * Math.cos((Math.PI / fine) * (place[axis] + 0.5) * f), 1);
/** Twice the squared length per axis on which a wave is not flat. */
const doubled = (along: readonly number[]) => 2 ** along.filter((f) => f > 0).length;
/** Finer waves are louder, since images hold less of them. */
const loudness = (along: readonly number[]) => Math.sqrt((1 + along.reduce((sum, f) => sum + f, 0)) * doubled(along));

/**
 * Lays content out in fresh parameters, in place of PyTorch's start.
 * @param contents    how loud the neck lets the image into the decoder
 * @param intensities of objects as the encoder meets them, in any order: ramps begin at their quantiles
 */
export function layOutContent(spec: SamSpec, layout: Layout, edit: Edit, contents: number, intensities: readonly number[]): void {
  embed(spec, layout, edit);
  for (let i = 0; i < spec.depth; i++) {
    for (const part of ['attn.proj', 'mlp.lin2']) edit(`image_encoder.blocks.${i}.${part}.weight`, blockNoise);
  }
  passNeck(spec, layout, edit);
  passMask(spec, layout, edit);
  enlarge(spec, layout, contents, edit);
  ramp(spec, quantilesOf(intensities), edit);
}

/** Tokens hold waves, then constants, then random mixtures. */
function embed({ axes, channels, patch }: SamSpec, { waves, constants }: Layout, edit: Edit): void {
  const pixels = patch ** axes;
  edit('image_encoder.patch_embed.proj.weight', 1, (data) => {
    const each = channels * pixels;
    for (const { row } of constants) data.fill(0, row * each, (row + 1) * each);
    for (const { row, along } of waves) {
      for (let n = 0; n < each; n++) {
        const place = cell(n % pixels, axes, patch).map((at) => Math.floor((at * fine) / patch));
        data[row * each + n] = (loudness(along) * heightAt(along, place)) / each;
      }
    }
  });
  edit('image_encoder.patch_embed.proj.bias', 0, (data) => {
    for (const { row, sign } of constants) data[row] = sign * constantHeight;
  });
}

/** Neck: what is laid out passes; nothing is said in the columns of the mask, nor in those of clicks. */
function passNeck(spec: SamSpec, { waves, constants, masks, gates }: Layout, edit: Edit): void {
  const { width, promptWidth } = spec;
  edit('image_encoder.neck.0.weight', noise, (data) => {
    for (const { row, column } of [...waves, ...constants]) {
      data.fill(0, column * width, (column + 1) * width);
      data[column * width + row] = 1;
    }
    for (const column of [...masks, ...gates]) data.fill(0, column * width, (column + 1) * width);
  });
  const kernel = 3 ** spec.axes;
  edit('image_encoder.neck.2.weight', noise, (data) => {
    for (let column = 0; column < promptWidth; column++) data[(column * promptWidth + column) * kernel + (kernel - 1) / 2] += 1;
    for (const column of [...masks, ...gates]) data.fill(0, column * promptWidth * kernel, (column + 1) * promptWidth * kernel);
  });
}

/** The mask that was shown: the mean of every corner of a token. */
function passMask(spec: SamSpec, { masks, gates }: Layout, edit: Edit): void {
  const inner = corners(spec);
  const prefix = 'prompt_encoder.mask_downscaling';
  // Mean, its opposite, and two constants.
  edit(`${prefix}.0.weight`, noise, (data) => {
    for (const [row, value] of [1 / maskLogits, -1 / maskLogits, 0, 0].entries()) data.fill(value / inner, row * inner, (row + 1) * inner);
  });
  edit(`${prefix}.0.bias`, 0, (data) => data.set([0, 0, constantHeight, -constantHeight]));
  edit(`${prefix}.3.weight`, noise, (data, [, from]) => {
    for (let corner = 0; corner < inner; corner++) {
      for (const [n, sign] of [1, -1].entries()) {
        const row = 2 * corner + n;
        data.fill(0, row * from * inner, (row + 1) * from * inner);
        data[(row * from + 0) * inner + corner] = sign;
        data[(row * from + 1) * inner + corner] = -sign;
      }
    }
    data.fill(0, 2 * inner * from * inner, (2 * inner + opposites.length) * from * inner);
  });
  edit(`${prefix}.3.bias`, 0, (data) => data.set(opposites, 2 * inner));
  edit(`${prefix}.6.weight`, noise, (data, [, from]) => {
    for (const [corner, column] of masks.entries()) {
      data.fill(0, column * from, (column + 1) * from);
      data.set([1, -1], column * from + 2 * corner);
    }
    for (const column of gates) data.fill(0, column * from, (column + 1) * from);
  });
}
/** First enlarging: every corner of a token holds its eight (in the plane four) places as pairs of opposites, constants, the mask, and clicks. */
function enlarge(spec: SamSpec, { waves, constants: steady, masks, gates }: Layout, contents: number, edit: Edit): void {
  const { axes } = spec;
  const inner = corners(spec);
  const prefix = 'mask_decoder.output_upscaling';
  edit(`${prefix}.0.weight`, noise, (data, [, to]) => {
    const put = (column: number, channel: number, corner: number, value: number) => {
      data[(column * to + channel) * inner + corner] = value;
    };
    const clear = 2 * inner + opposites.length + 4;
    for (let column = 0; column < data.length / (to * inner); column++) data.fill(0, column * to * inner, (column * to + clear) * inner);
    for (let corner = 0; corner < inner; corner++) {
      const outer = cell(corner, axes, 2);
      for (let n = 0; n < inner; n++) {
        const place = cell(n, axes, 2).map((at, axis) => 2 * outer[axis] + at);
        for (const { column, along } of waves) {
          const value = (heightAt(along, place) * doubled(along)) / loudness(along) / contents;
          put(column, 2 * n, corner, value);
          put(column, 2 * n + 1, corner, -value);
        }
      }
      for (const [n, sign] of opposites.entries()) {
        for (const constant of steady) {
          put(constant.column, 2 * inner + n, corner, (sign * constant.sign * middleHeight) / (contents * constants * constantHeight));
        }
      }
      for (const [n, sign] of [1, -1].entries()) {
        put(masks[corner], 2 * inner + opposites.length + n, corner, sign * middleScale);
        for (const gate of gates) put(gate, 2 * inner + opposites.length + 2 + n, corner, (2 * sign * middleScale) / gates.length);
      }
    }
  });
  edit(`${prefix}.0.bias`, 0);
}

/** Features that are ramps over intensities, the first ones. */
export const rampsOf = ({ promptWidth }: SamSpec): number => Math.min(8, Math.floor(promptWidth / 16));

/** Second enlarging: ramps that begin at intensities, falling ones below the middle and rising ones above, the mask, and how near clicks are. The rest is free. */
function ramp(spec: SamSpec, quantiles: (share: number) => number, edit: Edit): void {
  const inner = corners(spec);
  const features = spec.promptWidth / 8;
  const ramps = rampsOf(spec);
  const prefix = 'mask_decoder.output_upscaling.3';
  edit(`${prefix}.weight`, 1, (data, [channels]) => {
    const at = (channel: number, feature: number, corner: number) => (channel * features + feature) * inner + corner;
    for (let channel = 0; channel < channels; channel++) {
      for (let feature = 0; feature < ramps + 4; feature++) for (let n = 0; n < inner; n++) data[at(channel, feature, n)] *= noise;
    }
    for (let n = 0; n < inner; n++) {
      for (let r = 0; r < ramps; r++) {
        const slope = r < ramps / 2 ? -middleScale : middleScale;
        data[at(2 * n, r, n)] += slope;
        data[at(2 * n + 1, r, n)] -= slope;
        for (const [k, sign] of opposites.entries()) {
          if (sign > 0) data[at(2 * inner + k, r, n)] -= (2 * slope * quantiles((r + 0.5) / ramps)) / (middleHeight * opposites.length);
        }
      }
      for (const [k, sign] of [1, -1].entries()) {
        for (const [m, pair] of [0, 2].entries()) {
          data[at(2 * inner + opposites.length + pair, ramps + 2 * m + k, n)] += sign;
          data[at(2 * inner + opposites.length + pair + 1, ramps + 2 * m + k, n)] -= sign;
        }
      }
    }
  });
}

function quantilesOf(values: readonly number[]): (share: number) => number {
  const sorted = [...values].sort((a, b) => a - b);
  return (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
