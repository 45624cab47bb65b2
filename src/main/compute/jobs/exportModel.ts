/** Writes a student as an ordinary ONNX model that carries how to use it. */
import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import type { StudentSpec } from '../../../shared/domain';
import type { Model } from '../../engine/onnx';
import { writtenModel } from '../../engine/onnx/file';
import { writeDurably } from '../../files/durable';
import { readWeights } from '../../methods/training/checkpoint';
import { inferenceGraph } from '../../networks/inference';
import type { JobCode } from '../protocol';
import { networkOf, patchDims } from '../student';

export const exportModel: JobCode<'exportModel'> = async ({ weights, spec, names, out }) => {
  const model = inferenceGraph(networkOf(spec), await readWeights(weights), {
    image: [1, spec.channels.length, ...patchDims(spec)],
    batch: 'any',
    sides: 'any',
    activation: 'softmax',
    metadata: instructions(spec, names),
  });
  return { files: await writeModel(out, model) };
};

/**
 * Writes a model, beyond `limit` bytes of weights as two files: `out` and, beside it, `out` with `.data` behind its name. At no moment
 * does `out` refer to another model's data: an old model goes once the new data is written, and the new one comes last.
 * @returns the files written
 * @throws DISK_FULL, FOLDER_NOT_WRITABLE
 */
export async function writeModel(out: string, model: Model, limit?: number): Promise<string[]> {
  const data = `${out}.data`;
  const { model: bytes, beside } = writtenModel(model, basename(data), limit);
  if (beside) {
    await writeDurably(data, async (file) => {
      for (const piece of beside) await file.writeFile(piece);
      await rm(out, { force: true });
    });
  }
  await writeDurably(out, bytes);
  return beside ? [out, data] : [out];
}

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
