/** Any segmentation network as an ONNX file: one image in, one map per class out. */
import { fail, sentenceOf } from '../../../shared/errors';
import type { TeacherInput } from '../../../shared/teachers';
import { openSource } from '../../checkpoints/source';
import type { Model } from '../../engine/onnx';
import { decodeModel } from '../../engine/onnx/decode';
import { sizeOf } from '../../engine/tensor';
import type { TeacherFacts } from './recognise';

/** True for an ONNX file: by its name, or by the version number it starts with. (A safetensors header is JSON behind its length.) */
export async function isOnnx(path: string): Promise<boolean> {
  if (/\.onnx$/i.test(path)) return true;
  const source = await openSource(path);
  try {
    const head = await source.read(0, Math.min(9, source.size));
    return head[0] === 0x08 && head[8] !== 0x7b;
  } finally {
    await source.close();
  }
}

/** Networks that leave sides open mostly halve them a few times. */
const usualMultiple = 32;

/**
 * @param file what sentences call it
 * @throws TEACHER_UNKNOWN where it is no model, has several inputs, or gives nothing of an image's shape
 */
export function recogniseOnnx(bytes: Uint8Array, file: string): TeacherFacts {
  const model = modelOf(bytes, file);
  const [image, ...others] = model.inputs;
  if (!image || others.length > 0) {
    const names = model.inputs.map(({ name }) => name).join(', ');
    fail('TEACHER_UNKNOWN', file, `it has ${model.inputs.length} inputs${names && ` (${names})`}, expected one, the image`);
  }
  const shape = `[${image.dims.join(', ')}]`;
  const [batch, channels, ...sides] = image.dims;
  if (typeof batch === 'number' && batch !== 1) fail('TEACHER_UNKNOWN', file, `its input ${image.name} is ${shape}, expected a batch of 1`);
  if (image.dtype !== 'float32' || (sides.length !== 2 && sides.length !== 3) || typeof channels !== 'number') {
    fail('TEACHER_UNKNOWN', file, `its input ${image.name} is ${image.dtype} ${shape}, expected float32 [batch, channels, sides…]`);
  }
  const [first] = model.outputs;
  const outputs = model.outputs.map(({ name, dims }) => `${name} [${dims.join(', ')}]`).join(', ');
  // A model may leave the shape of its result unsaid.
  if (!first || (first.dims.length !== 0 && first.dims.length !== image.dims.length)) {
    fail('TEACHER_UNKNOWN', file, `its first output should be [batch, classes, sides…] like its input ${shape}, but they are ${outputs}`);
  }
  const axes = sides.length;
  const input: TeacherInput = {
    axes,
    channels,
    sides: sides.map((side) => (typeof side === 'number' ? side : null)),
    multipleOf: usualMultiple,
  };
  const classes = typeof first.dims[1] === 'number' ? `, ${first.dims[1]} maps` : '';
  const parameters = model.initializers.reduce((sum, { dims, dtype }) => sum + (dtype === 'float32' ? sizeOf(dims) : 0), 0);
  return { architecture: 'onnx', variant: `${axes}D${classes}`, parameters, input };
}

function modelOf(bytes: Uint8Array, file: string): Model {
  try {
    return decodeModel(bytes);
  } catch (error) {
    return fail('TEACHER_UNKNOWN', file, sentenceOf(error).replace(/^This/, 'this').replace(/\.$/, ''));
  }
}
