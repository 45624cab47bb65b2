/**
 * A start in which a SAM points: a click reads what the image shows where it lies, masks read that from positive clicks and from inside the mask that was
 * shown, and the image hears from clicks how near they are. Released weights had to learn that over weeks, in volumes against the exchanged axes of
 * their grid's codes.
 */
import type { SamSpec } from '../../networks/sam/spec';
import { type Edit, frequencies, type Layout } from './layout';

/** How much a place counts where the image asks for clicks near it, in units of the softmax: Σ over axes of cos(2πf·distance), times this. */
const nearness = 3;
/** Where a click reads, the same for each half of the heads: sharp enough for one token. */
const reading = [
  { wave: 1, sharpness: 16 },
  { wave: 2, sharpness: 8 },
] as const;
/** How much more a mask listens to a positive click than to anything else, and to what lies in the mask that was shown. */
const listening = 4;
/** How much of PyTorch's random start stays beside what is laid out. */
const noise = 0.2;

/** Lays pointing out in fresh parameters, in place of PyTorch's start. */
export function layOutPointing(
  spec: SamSpec,
  layout: Layout,
  edit: Edit,
  labels: { positive: Float32Array; negative: Float32Array },
): void {
  const { axes, decoder } = spec;
  const transformer = 'mask_decoder.transformer';
  const inner = spec.promptWidth / 2;
  const headWidth = inner / decoder.heads;
  if (headWidth < 2 * axes + 1) throw new Error(`practice: ${headWidth} numbers per head cannot hold ${axes} axes`);
  const content = [...layout.waves.map(({ column }) => column), ...layout.constants.map(({ column }) => column), ...layout.free].slice(
    0,
    inner,
  );
  const reader = (name: string) => {
    const sides = [
      ['q_proj', 'tokens'],
      ['k_proj', 'image'],
    ] as const;
    for (const [part, side] of sides) {
      edit(`${name}.${part}.weight`, noise, (data) => {
        for (let head = 0; head < decoder.heads; head++) {
          const { wave, sharpness } = reading[head % 2];
          compare(spec, data, { first: head * headWidth, headWidth, wave, sharpness, isExchanged: side === 'image' });
          // Numbers after those of places: what lies in the mask.
          const row = head * headWidth + 2 * axes;
          if (side === 'image') for (const column of layout.masks) data[row * spec.promptWidth + column] += 1;
        }
      });
    }
    edit(`${name}.q_proj.bias`, noise, (data) => {
      for (let head = 0; head < decoder.heads; head++)
        data[head * headWidth + 2 * axes] = (listening * Math.sqrt(headWidth)) / layout.masks.length;
    });
    edit(`${name}.v_proj.weight`, noise, (data) => {
      for (const [row, column] of content.entries()) data[row * spec.promptWidth + column] += 1;
    });
    edit(`${name}.out_proj.weight`, noise, (data) => {
      for (const [row, column] of content.entries()) data[column * inner + row] += 1;
    });
  };

  const { positive, negative } = labels;
  const length = Math.hypot(...positive);
  for (let i = 0; i < decoder.depth; i++) {
    const layer = `${transformer}.layers.${i}`;
    listen(spec, edit, `${layer}.self_attn`, positive);
    reader(`${layer}.cross_attn_token_to_image`);
    const answer = `${layer}.cross_attn_image_to_token`;
    for (const [part, isExchanged] of [['q_proj', true] as const, ['k_proj', false] as const]) {
      edit(`${answer}.${part}.weight`, noise, (data) => {
        for (let head = 0; head < decoder.heads; head++) {
          compare(spec, data, { first: head * headWidth, headWidth, wave: head % frequencies.length, sharpness: nearness, isExchanged });
        }
      });
    }
    edit(`${answer}.v_proj.weight`, noise, (data) => {
      for (let head = 0; head < decoder.heads; head++) {
        for (let column = 0; column < spec.promptWidth; column++) {
          data[head * headWidth * spec.promptWidth + column] = (positive[column] - negative[column]) / length / Math.SQRT2 / 2;
        }
      }
    });
    edit(`${answer}.out_proj.weight`, noise, (data) => {
      for (const [head, column] of layout.gates.entries()) {
        data.fill(0, column * inner, (column + 1) * inner);
        data[column * inner + head * headWidth] = 1;
      }
    });
  }
  reader(`${transformer}.final_attn_token_to_image`);
}

/** Tokens attend to themselves and to clicks beside them, and those without a place to positive clicks; what they attend to passes as it is. */
function listen(spec: SamSpec, edit: Edit, name: string, positive: Float32Array): void {
  const { axes, promptWidth: width, decoder } = spec;
  const headWidth = width / decoder.heads;
  const length = Math.hypot(...positive);
  for (const part of ['q_proj', 'k_proj']) {
    edit(`${name}.${part}.weight`, noise, (data) => {
      for (let head = 0; head < decoder.heads; head++) {
        const { wave, sharpness } = reading[1];
        compare(spec, data, { first: head * headWidth, headWidth, wave, sharpness, isExchanged: false });
        const row = head * headWidth + 2 * axes;
        if (part === 'k_proj') for (let column = 0; column < width; column++) data[row * width + column] += positive[column] / length ** 2;
      }
    });
  }
  edit(`${name}.q_proj.bias`, noise, (data) => {
    for (let head = 0; head < decoder.heads; head++) data[head * headWidth + 2 * axes] = listening * Math.sqrt(headWidth);
  });
  for (const part of ['v_proj', 'out_proj']) {
    edit(`${name}.${part}.weight`, noise, (data) => {
      for (let n = 0; n < width; n++) data[n * width + n] += 1;
    });
  }
}

/**
 * Rows of a projection that take sine and cosine along every axis at one frequency, so that a product of two is Σ cos(2πf·distance). The codes of a
 * volume's grid have their first two axes exchanged, so the image's side reads them so.
 */
export function compare(
  { axes, promptWidth }: SamSpec,
  data: Float32Array,
  {
    first,
    headWidth,
    wave,
    sharpness,
    isExchanged,
  }: { first: number; headWidth: number; wave: number; sharpness: number; isExchanged: boolean },
): void {
  const weight = Math.sqrt(sharpness * Math.sqrt(headWidth));
  for (let axis = 0; axis < axes; axis++) {
    const read = isExchanged && axes === 3 && axis < 2 ? 1 - axis : axis;
    for (const block of [0, 1])
      data[(first + 2 * axis + block) * promptWidth + (block * promptWidth) / axes + wave * axes + read] += weight;
  }
}
