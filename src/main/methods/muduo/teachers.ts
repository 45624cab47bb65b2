/**
 * MuDuo's two frozen teachers as models: each looks at a crop once, then answers for several structures in one batch. Everything that enters or
 * leaves a model has the student's order of axes.
 */
import type { MuduoChoices } from '../../../shared/methods';
import { constant, input, type Value } from '../../engine/graph';
import { buildModel } from '../../engine/model';
import type { Model } from '../../engine/onnx';
import { clip } from '../../engine/ops/curves';
import { log, sigmoid, sub } from '../../engine/ops/elementwise';
import { interpolate } from '../../engine/ops/interpolate';
import { flip, slice, transpose } from '../../engine/ops/shape';
import { sizeOf, type Tensor, tensor } from '../../engine/tensor';
import { frozen } from '../../networks/inference';
import { encodeImage } from '../../networks/sam/imageEncoder';
import { decodeMasks } from '../../networks/sam/maskDecoder';
import { enlargeMasks } from '../../networks/sam/pictures';
import { encodePrompts } from '../../networks/sam/promptEncoder';
import { gridOf, imageParameters, maskParameters, perAxis, type SamSpec } from '../../networks/sam/spec';
import type { Rules } from './rules';

type Weights = ReadonlyMap<string, Tensor>;
type Form = 'cpu' | 'gpu';

/** Input `image` [1, 1, side…], output `embedding`. Throws if a weight is missing or does not fit. */
export function teacherEncoderModel(spec: SamSpec, weights: Weights, choices: MuduoChoices, form: Form = 'cpu'): Model {
  const image = input('image', 'float32', [1, spec.channels, ...perAxis(spec, spec.imageSide)]);
  const { embedding } = encodeImage(spec, frozen(imageParameters(spec), weights), turned(image, choices));
  return buildModel({ name: 'teacher encoder', inputs: [image], outputs: { embedding }, form });
}

/**
 * Answers masks, the CT teacher's part: inputs `embedding` and `mask`, the student's probabilities of as many structures [structures, 1, side…];
 * output `probabilities` of the same shape.
 */
export function maskedDecoderModel(spec: SamSpec, weights: Weights, structures: number, choices: MuduoChoices, form: Form = 'cpu'): Model {
  const embedding = embeddingOf(spec);
  const mask = input('mask', 'float32', [structures, 1, ...perAxis(spec, spec.imageSide)]);
  const parameters = frozen(maskParameters(spec), weights);
  const prompts = encodePrompts(spec, parameters, { mask: maskPrompt(spec, turned(mask, choices), choices.maskPrompt) });
  const { logits } = decodeMasks(spec, parameters, embedding, prompts, 'single');
  return buildModel({ name: 'masked decoder', inputs: [embedding, mask], outputs: answered(spec, logits, choices), form });
}

/**
 * Answers clicks, the PET teacher's part: inputs `embedding`, `places` [structures, clicks, axes] in voxels of the crop and `labels`
 * [structures, clicks] (int32); output `probabilities` [structures, 1, side…].
 */
export function clickedDecoderModel(
  spec: SamSpec,
  weights: Weights,
  structures: number,
  choices: Pick<Rules, keyof MuduoChoices | 'clicks'>,
  form: Form = 'cpu',
): Model {
  const { clicks, besideClicks, clicking } = choices;
  const embedding = embeddingOf(spec);
  const places = input('places', 'float32', [structures, clicks, spec.axes]);
  const labels = input('labels', 'int32', [structures, clicks]);
  const parameters = frozen(maskParameters(spec), weights);
  const inOrder = choices.teacherAxes === 'reversed' ? flip(places, [2]) : places;

  const decoded = (mask: Value | null, from: number, to: number) => {
    const points = { places: slice(inOrder, 1, from, to), labels: slice(labels, 1, from, to) };
    return decodeMasks(spec, parameters, embedding, encodePrompts(spec, parameters, { points, mask }), 'single').logits;
  };
  const first = besideClicks === 'emptyMask' ? emptyMask(spec) : null;
  let logits = decoded(first, 0, clicking === 'together' ? clicks : 1);
  if (clicking === 'inTurn') for (let k = 1; k < clicks; k++) logits = decoded(logits, k, k + 1);
  return buildModel({
    name: 'clicked decoder',
    inputs: [embedding, places, labels],
    outputs: answered(spec, logits, choices),
    form,
  });
}

/** Probabilities [N, 1, side…] brought to the size of mask prompts by taking every so-manieth voxel; as logits, never surer than 10⁻⁴ from certain. */
export function maskPrompt(spec: SamSpec, probabilities: Value, form: MuduoChoices['maskPrompt']): Value {
  const small = interpolate(probabilities, perAxis(spec, 4 * gridOf(spec)), 'halfPixel', 'nearest');
  if (form === 'probabilities') return small;
  const p = clip(small, 1e-4, 1 - 1e-4);
  return sub(log(p), log(sub(1, p)));
}

const embeddingOf = (spec: SamSpec) => input('embedding', 'float32', [1, spec.promptWidth, ...perAxis(spec, gridOf(spec))]);

function emptyMask(spec: SamSpec): Value {
  const dims = [1, 1, ...perAxis(spec, 4 * gridOf(spec))];
  return constant(tensor(dims, new Float32Array(sizeOf(dims))));
}

const answered = (spec: SamSpec, logits: Value, choices: MuduoChoices) => ({
  probabilities: turned(sigmoid(enlargeMasks(spec, logits)), choices),
});

/** [N, C, k, j, i] to [N, C, i, j, k] and back, where the teachers want it so. */
function turned(x: Value, { teacherAxes }: MuduoChoices): Value {
  if (teacherAxes === 'asStored') return x;
  const spatial = x.dims.map((_, axis) => axis).slice(2);
  return transpose(x, [0, 1, ...spatial.toReversed()]);
}
