/** One door to every kind of weights file. Readers build plain numbers from bytes; nothing in a file is ever executed. */
import { fail } from '../../shared/errors';
import type { Checkpoint, Contents } from './contents';
import { bytesOf, countOf } from './elements';
import { openNpy, openNpz } from './npy';
import { isNpy } from './npyHeader';
import { openSafetensors } from './safetensors';
import { openSource, type Source } from './source';
import { openPickle, openTorchZip, pickleOf } from './torch';
import { openZip } from './zip';

/**
 * Opens a weights file of any format known here; which one shows in its bytes, not in its name.
 * @throws FILE_UNREADABLE, FILE_INVALID, FILE_DAMAGED; CHECKPOINT_UNSAFE where a pickle names anything that weights do not need
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  const source = await openSource(path);
  try {
    const { format, metadata, tensors } = await contentsOf(source);
    if (tensors.size === 0) fail('FILE_INVALID', source.name, 'its content', 'tensors', 'none');
    return {
      format,
      metadata,
      entries: [...tensors].map(([name, { dims, dtype }]) => ({ name, dims, dtype, bytes: countOf(dims) * bytesOf[dtype] })),
      async read(name) {
        const tensor = tensors.get(name) ?? fail('NOT_FOUND', `tensor ${name} in ${source.name}`);
        const weight = await tensor.read();
        if (tensor.dtype === 'uint64' && (weight.data as BigInt64Array).some((value) => value < 0n)) {
          fail('FILE_INVALID', source.name, name, 'whole numbers below 2⁶³', 'larger');
        }
        return weight;
      },
      whereIs(name) {
        const offset = tensors.get(name)?.offset;
        return offset === undefined ? null : { path, offset };
      },
      close: () => source.close(),
    };
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function contentsOf(source: Source): Promise<Contents> {
  const head = Buffer.from(await source.read(0, Math.min(16, source.size)));
  const starts = (text: string) => head.toString('latin1', 0, text.length) === text;
  if (starts('PK')) {
    const members = await openZip(source);
    const pickle = pickleOf(members);
    return pickle ? openTorchZip(source, members, pickle) : openNpz(source, members);
  }
  if (isNpy(head)) return openNpy(source);
  // A safetensors header is JSON behind its length; a pickle starts with its protocol or, if it has none, with a container or a name.
  if (head[8] === 0x7b && head.readBigUInt64LE() <= source.size) return openSafetensors(source);
  if (head[0] === 0x80 || /^[(\]})ldc]/.test(head.toString('latin1'))) return openPickle(source);
  return fail('FILE_INVALID', source.name, 'its content', 'weights of PyTorch (.pth), safetensors or NumPy (.npy, .npz)', 'something else');
}
