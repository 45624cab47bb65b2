/** A teacher's weights on their way into a project and back out of it: once interpreted, they are float32 under their official names. */
import { fail } from '../../../shared/errors';
import type { Checkpoint } from '../../checkpoints/contents';
import type { Weight } from '../../checkpoints/elements';
import { safetensorsPieces } from '../../checkpoints/safetensors';
import { storedTensor } from '../../engine/stored';
import { sizeOf, type Tensor } from '../../engine/tensor';
import { keyMask } from '../../networks/dinov3/names';
import { type Dinov3Weights, readDinov3 } from '../../networks/dinov3/recognise';
import { samParameters } from '../../networks/sam/spec';
import type { RecognisedWeights } from './recognise';
import { ownTexts } from './statedFacts';

type Found<Kind extends RecognisedWeights['kind']> = Extract<RecognisedWeights, { kind: Kind }>;

/** True where a file can be used as it lies, so that it need not be written again. */
export function isOfficial({ format, entries }: Pick<Checkpoint, 'format' | 'entries'>, found: RecognisedWeights): boolean {
  if (format !== 'safetensors' || entries.some(({ dtype }) => dtype !== 'float32')) return false;
  return found.kind === 'dinov3' ? found.prefix === '' : [...found.names].every(([name, inFile]) => name === inFile);
}

/**
 * The bytes of a safetensors file with the weights, what the file says of itself, and nothing else.
 * @param onPart called before each tensor with the share done; throw to stop
 * @throws CHECKPOINT_MISMATCH where a tensor holds no real numbers, or a DINOv3's do not fit together
 */
export function convertedPieces(
  checkpoint: Checkpoint,
  found: RecognisedWeights,
  file: string,
  onPart: (share: number) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  if (found.kind === 'dinov3') return dinov3Pieces(checkpoint, found, file, onPart);
  const parameters = samParameters(found.spec);
  const total = parameters.reduce((sum, { dims }) => sum + sizeOf(dims), 0);
  let done = 0;
  return safetensorsPieces(
    parameters,
    async (name) => {
      await onPart(done / total);
      const data = realNumbers(await checkpoint.read(found.names.get(name) ?? name), name, file);
      done += data.length;
      return data;
    },
    ownTexts(checkpoint.metadata),
  );
}

async function* dinov3Pieces(
  checkpoint: Checkpoint,
  found: Found<'dinov3'>,
  file: string,
  onPart: (share: number) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  const { spec, parameters, periods } = await readDinov3Weights(checkpoint, found, file, onPart);
  const official = new Map<string, Tensor>(parameters);
  if (periods) official.set('rope_embed.periods', { dims: [periods.length], data: Float32Array.from(periods) });
  if (spec.biases.qkv === 'keysMasked') {
    for (let block = 0; block < spec.depth; block++) official.set(`blocks.${block}.attn.qkv.bias_mask`, keyMask(3 * spec.width));
  }
  const entries = [...official].map(([name, { dims }]) => ({ name, dims }));
  yield* safetensorsPieces(entries, async (name) => official.get(name)?.data as Float32Array, ownTexts(checkpoint.metadata));
}

/** All weights of a SAM by official name; those that lie in the file as they are used stay there. @throws CHECKPOINT_MISMATCH */
export async function readSamWeights(checkpoint: Checkpoint, found: Found<'sam'>, file: string): Promise<Map<string, Tensor>> {
  const weights = new Map<string, Tensor>();
  const read = reader(checkpoint, file);
  for (const [name, inFile] of found.names) weights.set(name, await read(inFile, name));
  return weights;
}

/** @throws CHECKPOINT_MISMATCH naming everything that does not fit */
export async function readDinov3Weights(
  checkpoint: Checkpoint,
  { prefix }: Found<'dinov3'>,
  file: string,
  onPart: (share: number) => Promise<void> = async () => undefined,
): Promise<Dinov3Weights> {
  const weights = new Map<string, Tensor>();
  const read = reader(checkpoint, file);
  const own = checkpoint.entries.filter(({ name }) => name.startsWith(prefix));
  for (const [at, { name }] of own.entries()) {
    await onPart(at / own.length);
    weights.set(name.slice(prefix.length), await read(name, name));
  }
  return readDinov3(weights, file);
}

/** Gives a tensor of the file, called `name` where it holds none; what lies there as it is used stays there. */
function reader(checkpoint: Checkpoint, file: string): (inFile: string, name: string) => Promise<Tensor> {
  const shapes = new Map(checkpoint.entries.map(({ name, dims }) => [name, dims]));
  return async (inFile, name) => {
    const stored = checkpoint.whereIs(inFile);
    const dims = shapes.get(inFile) ?? fail('NOT_FOUND', `tensor ${inFile} in ${file}`);
    return stored ? storedTensor(dims, stored) : { dims, data: realNumbers(await checkpoint.read(inFile), name, file) };
  };
}

function realNumbers({ data }: Weight, name: string, file: string): Float32Array {
  if (data instanceof Float32Array) return data;
  if (data instanceof Float64Array) return Float32Array.from(data);
  return fail('CHECKPOINT_MISMATCH', file, `${name} holds whole numbers, expected real ones`);
}
