/** Which SAM a checkpoint holds, from the names and shapes of its tensors alone. */
import { sameDims, showDims } from '../../engine/tensor';
import { axisNames, gridOf, type SamSpec, samParameters } from './spec';

export interface NamedShape {
  name: string;
  dims: readonly number[];
}

/**
 * The spec whose parameters these are; or, where they are not a SAM's, a sentence that says why. Attention heads of the decoder leave no
 * trace in shapes: there are 8 in every SAM.
 */
export function recogniseSam(entries: readonly NamedShape[]): SamSpec | string {
  const shapes = new Map(entries.map(({ name, dims }) => [name, dims]));
  const position = shapes.get('image_encoder.pos_embed');
  const needed = [
    'image_encoder.patch_embed.proj.weight',
    'image_encoder.blocks.0.attn.rel_pos_h',
    'image_encoder.blocks.0.mlp.lin1.weight',
    'image_encoder.neck.0.weight',
    'prompt_encoder.mask_downscaling.3.weight',
    'mask_decoder.mask_tokens.weight',
    'mask_decoder.iou_prediction_head.layers.0.weight',
    'mask_decoder.transformer.layers.0.mlp.lin1.weight',
  ];
  const missing = ['image_encoder.pos_embed', ...needed].find((name) => !shapes.has(name));
  if (missing || !position) return `This is not a SAM: there is no tensor ${missing}.`;
  if (position.length !== 4 && position.length !== 5) {
    return `This is not a SAM: image_encoder.pos_embed is ${showDims(position)}, expected [1, rows, columns, width], in volumes with one more axis.`;
  }
  const [patchKernel, relative, mlp, neck, mask, tokens, quality, decoderMlp] = needed.map((name) => shapes.get(name) ?? []);
  const count = (pattern: RegExp) => new Set(entries.flatMap(({ name }) => pattern.exec(name)?.[1] ?? [])).size;
  const depth = count(/^image_encoder\.blocks\.(\d+)\./);
  const grid = position[1];
  // A table of relative positions has 2·side − 1 rows; one as long as the grid's belongs to a block without windows.
  const sides = Array.from({ length: depth }, (_, i) => {
    const [rows = 0] = shapes.get(`image_encoder.blocks.${i}.attn.rel_pos_h`) ?? [];
    return (rows + 1) / 2;
  });
  const width = position.at(-1) as number;
  const spec: SamSpec = {
    axes: position.length === 5 ? 3 : 2,
    channels: patchKernel[1],
    imageSide: grid * patchKernel[2],
    patch: patchKernel[2],
    width,
    depth,
    heads: width / relative[1],
    mlpWidth: mlp[0],
    window: sides.find((side) => side !== grid) ?? grid,
    globalBlocks: sides.flatMap((side, i) => (side === grid ? [i] : [])),
    promptWidth: neck[0],
    maskWidth: mask[0],
    decoder: { depth: count(/^mask_decoder\.transformer\.layers\.(\d+)\./), heads: 8, mlpWidth: decoderMlp[0] },
    qualityWidth: quality[0],
    masks: tokens[0],
  };
  if (!hasSizes(spec)) return 'This is not a SAM: the shapes of its tensors give no whole sizes.';
  return misfit(spec, shapes) ?? spec;
}

/** Sizes come from shapes anybody may have written: each must be a whole number, and none so large that naming its tensors takes long. */
function hasSizes({ decoder, globalBlocks: _, ...sizes }: SamSpec): boolean {
  const all: number[] = [...Object.values(sizes), ...Object.values(decoder)];
  return all.every((size) => Number.isInteger(size) && size > 0 && size < 2 ** 16);
}

/** What keeps the tensors from being this network's, all of them; null if nothing does. */
function misfit(spec: SamSpec, shapes: ReadonlyMap<string, readonly number[]>): string | null {
  const parameters = new Map(samParameters(spec).map(({ name, dims }) => [name, dims]));
  const absent = [...parameters.keys()].filter((name) => !shapes.has(name));
  const unknown = [...shapes.keys()].filter((name) => !parameters.has(name));
  const other = [...parameters].flatMap(([name, dims]) => {
    const found = shapes.get(name);
    return found && !sameDims(found, dims) ? [`${name} is ${showDims(found)}, expected ${showDims(dims)}`] : [];
  });
  const faults = [
    ...(absent.length > 0 ? [`${listed(absent)} missing`] : []),
    ...(unknown.length > 0 ? [`${listed(unknown)} unexpected`] : []),
    ...(other.length > 0 ? [listed(other)] : []),
  ];
  if (faults.length === 0) return null;
  const kind = `${axisNames(spec).length}D SAM of width ${spec.width} on a grid of ${gridOf(spec)}`;
  return `This looks like a ${kind}, but does not fit: ${faults.join('; ')}.`;
}

const listed = (names: readonly string[]) => names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '');
