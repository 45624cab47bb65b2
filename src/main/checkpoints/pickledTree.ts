/** Finds the tensors in what a pickle holds, and what stands beside them. */
import { fail } from '../../shared/errors';
import { PickledArray, StoredTensor } from './pickledObjects';

export interface Leaves {
  tensors: Map<string, StoredTensor | PickledArray>;
  /** Texts, numbers and truth values, such as the epoch. */
  metadata: Record<string, string>;
}

/** Sound files nest a handful of times; the limits stop values that contain themselves, or each other a thousandfold. */
const depthLimit = 32;
const visitLimit = 300_000;
const textLimit = 1000;
const metadataLimit = 1000;

/** Walks through dictionaries and lists. A name is the path of keys, with dots. @throws FILE_INVALID */
export function leavesOf(value: unknown, file: string): Leaves {
  const tensors: Leaves['tensors'] = new Map();
  const metadata = new Map<string, string>();
  let visits = 0;

  function visit(value: unknown, path: string, depth: number): void {
    if (++visits > visitLimit) fail('FILE_INVALID', file, 'its content', `at most ${visitLimit} values`, 'more');
    if (depth > depthLimit) fail('FILE_INVALID', file, 'its content', `nested at most ${depthLimit} times`, 'nested deeper');
    if (path.length > textLimit) fail('FILE_INVALID', file, 'a name in it', `at most ${textLimit} characters long`, 'longer');
    const below = (key: unknown) => (path ? `${path}.${String(key)}` : String(key));
    if (value instanceof StoredTensor || (value instanceof PickledArray && value.type)) {
      const name = path || 'tensor';
      if (tensors.has(name)) fail('FILE_INVALID', file, name, 'the name of one tensor', 'that of two');
      tensors.set(name, value);
    } else if (value instanceof Map) {
      for (const [key, item] of value) if (typeof key === 'string' || typeof key === 'number') visit(item, below(key), depth + 1);
    } else if (Array.isArray(value)) {
      for (const [n, item] of value.entries()) visit(item, below(n), depth + 1);
    } else if (metadata.size < metadataLimit && ['string', 'number', 'boolean', 'bigint'].includes(typeof value)) {
      metadata.set(path, String(value).slice(0, textLimit));
    }
  }
  visit(value, '', 0);
  return { tensors, metadata: Object.fromEntries(metadata) };
}
