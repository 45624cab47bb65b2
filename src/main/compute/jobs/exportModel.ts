/** Writes a student as an ordinary ONNX model that carries how to use it. */
import type { StudentSpec } from '../../../shared/domain';
import { writeDurably } from '../../files/durable';
import { readWeights } from '../../methods/training/checkpoint';
import { inferenceModel } from '../../networks/inference';
import type { JobCode } from '../protocol';
import { networkOf, patchDims } from '../student';

export const exportModel: JobCode<'exportModel'> = async ({ weights, spec, names, out }) => {
  const model = inferenceModel(networkOf(spec), await readWeights(weights), {
    image: [1, spec.channels.length, ...patchDims(spec)],
    batch: 'any',
    activation: 'softmax',
    metadata: instructions(spec, names),
  });
  await writeDurably(out, model);
  return { files: [out] };
};

/** What someone with nothing but the file must know: input order and scaling, voxel size, what each output channel means. */
const instructions = (spec: StudentSpec, names: readonly string[]): Record<string, string> => ({
  'understudy.input':
    'image [batch, channel, k, j, i]: axes of a RAS+ volume, i (left to right) fastest; per channel straight lines between knots, constant beyond',
  'understudy.output': 'probabilities [batch, class, k, j, i]: softmax over classes',
  'understudy.channels': JSON.stringify(spec.channels),
  'understudy.classes': JSON.stringify(['background', ...names]),
  'understudy.label_values': JSON.stringify([0, ...spec.structures]),
  'understudy.spacing_mm': JSON.stringify(spec.spacingMm),
  'understudy.window_ijk': JSON.stringify(spec.patch),
});
