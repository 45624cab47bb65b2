/**
 * Fresh parameters for a SAM that is to learn in hours on two cores. PyTorch's start is noise through which neither image nor click reaches the mask;
 * this one begins with an image that passes through the network and clicks that point at it. Architecture and names are the released ones.
 */
import type { Random } from '../../../shared/random';
import { type Tensor, tensor } from '../../engine/tensor';
import { initialParameters } from '../../networks/network';
import { directionsKey, perAxis, type SamSpec, samParameters } from '../../networks/sam/spec';
import { layOutContent } from './contentStart';
import { type Edit, editing, frequencies, type Layout, layoutOf } from './layout';
import { layOutPointing } from './pointingStart';

/** How loud the image enters the decoder, where places must be heard beside it. */
const contents = 0.5;
const meanings = ['point_embeddings.0', 'point_embeddings.1', 'not_a_point_embed', 'point_embeddings.2', 'point_embeddings.3'];

/**
 * Parameters and buffers by official name.
 * @param intensities of objects, as the encoder will meet them
 * @throws a plain error for a network too narrow to hold what is laid out
 */
export function practiceStart(spec: SamSpec, stream: Random, intensities: readonly number[] = []): Map<string, Tensor> {
  const start: Map<string, Tensor> = initialParameters({ parameters: samParameters(spec) }, stream.fork('weights'));
  const layout = layoutOf(spec);
  if (!layout) throw new Error(`practice: a SAM with ${spec.promptWidth} numbers per token is too narrow`);
  const edit = editing(start);
  start.set(directionsKey, directions(spec));
  const silent = [...layout.places, ...layout.masks, ...layout.gates, ...layout.constants, ...layout.waves].map((one) =>
    typeof one === 'number' ? one : one.column,
  );
  const names = [...meanings.map((name) => `prompt_encoder.${name}`), 'mask_decoder.iou_token', 'mask_decoder.mask_tokens'];
  for (const name of names.map((one) => `${one}.weight`).filter((one) => start.has(one))) {
    edit(name, 1, (data) => {
      for (let n = 0; n < data.length; n++) if (silent.includes(n % spec.promptWidth)) data[n] = 0;
    });
  }
  layOutContent(spec, layout, edit, contents, intensities);
  const label = (n: number) => (start.get(`prompt_encoder.point_embeddings.${n}.weight`) as Tensor<Float32Array>).data;
  layOutPointing(spec, layout, edit, { positive: label(1), negative: label(0) });
  edit('image_encoder.neck.3.weight', contents);
  keepForPlaces(spec, edit, layout);
  return start;
}

/**
 * Silences everything but places in the numbers of a token that heads compare places by: norms pass nothing on there, the image and mask prompts
 * say nothing there. Training may change that.
 */
function keepForPlaces({ decoder }: SamSpec, edit: Edit, { places }: Layout): void {
  const norms = Array.from({ length: decoder.depth }, (_, i) =>
    [1, 2, 3, 4].map((n) => `mask_decoder.transformer.layers.${i}.norm${n}.weight`),
  );
  const mask = ['weight', 'bias'].map((part) => `prompt_encoder.mask_downscaling.6.${part}`);
  for (const name of [...norms.flat(), 'image_encoder.neck.3.weight', ...mask]) {
    edit(name, 1, (data, dims) => {
      const each = data.length / dims[0];
      for (const place of places) data.fill(0, place * each, (place + 1) * each);
    });
  }
}

/** Directions [axes, count] of positional codes: waves along each axis. Nothing else, since heads would hear noise beside what tokens hold. */
function directions(spec: SamSpec): Tensor {
  const along = frequencies.flatMap((f) => perAxis(spec, 0).map((_, axis) => perAxis(spec, 0).map((_one, n) => (n === axis ? f : 0))));
  const none = perAxis(spec, 0);
  const columns = Array.from({ length: spec.promptWidth / spec.axes }, (_, n) => along[n] ?? none);
  return tensor(
    [spec.axes, columns.length],
    none.flatMap((_, axis) => columns.map((column) => column[axis])),
  );
}
