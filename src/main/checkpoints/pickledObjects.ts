/** What pickles of weights may name, and the harmless objects that stand for it. Nothing here allocates or computes more than the pickle's own bytes. */
import { type ByteOrder, countOf, type ElementType, isCount } from './elements';
import { numpyType } from './npyHeader';
import { type Callable, PickleNonsense, type Stateful } from './pickle';

/** Numbers kept outside the pickle, which several tensors may share. */
export class Storage {
  constructor(
    readonly key: string,
    readonly type: ElementType | 'untyped',
    /** Elements, or bytes where untyped. */
    readonly count: number,
    /** Elements before this part of the stored numbers; null where it is not a part, but all of them. */
    readonly partFrom: number | null,
  ) {}
}

/** A view of a storage; places and steps in elements. */
export class StoredTensor {
  constructor(
    readonly storage: Storage,
    readonly type: ElementType,
    readonly first: number,
    readonly dims: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

/** A NumPy array, whose bytes lie in the pickle itself. */
export class PickledArray implements Stateful {
  dims: readonly number[] = [];
  type: ElementType | null = null;
  order: ByteOrder = 'little';
  layout: 'C' | 'Fortran' = 'C';
  bytes: Uint8Array = new Uint8Array(0);

  setState(state: unknown): void {
    const [, dims, dtype, isFortran, raw] = Array.isArray(state) ? state : [];
    // Arrays of objects carry no weights.
    if (!(dtype instanceof PickledDtype) || !dtype.type) return;
    this.dims = counts(dims, 'the shape of an array');
    this.type = dtype.type;
    this.order = dtype.order;
    this.layout = isFortran === true || isFortran === 1 ? 'Fortran' : 'C';
    this.bytes = bytesOfText(raw);
  }
}

class PickledDtype implements Stateful {
  readonly type: ElementType | null;
  order: ByteOrder;
  constructor(descriptor: unknown) {
    const found = typeof descriptor === 'string' ? numpyType(descriptor) : null;
    this.type = found?.type ?? null;
    this.order = found?.order ?? 'little';
  }
  setState(state: unknown): void {
    if (Array.isArray(state) && state[1] === '>') this.order = 'big';
  }
}

/** Anything else that is allowed: kept as a name, never looked into. */
export class Inert implements Stateful {
  constructor(readonly name: string) {}
  setState(): void {}
}

/** Stands for `torch.float32` and the like. */
class TorchType implements Callable {
  constructor(
    readonly name: string,
    readonly type: ElementType,
  ) {}
  call(): never {
    throw new PickleNonsense(`${this.name} is no function`);
  }
}

/** Stands for `torch.FloatStorage` and the like. */
export class StorageType extends Inert implements Callable {
  constructor(
    name: string,
    readonly type: ElementType | 'untyped',
  ) {
    super(name);
  }
  call(): never {
    throw new PickleNonsense(`${this.name} is no function`);
  }
}

function counts(value: unknown, what: string): number[] {
  if (!Array.isArray(value) || value.length > 64 || !value.every(isCount)) throw new PickleNonsense(`${what} is no list of whole numbers`);
  return value;
}

/** Bytes, or the text with which Python 2 and protocol 2 write them. */
function bytesOfText(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string') return Buffer.from(value, 'latin1');
  throw new PickleNonsense('bytes are missing');
}

/** `torch._utils._rebuild_tensor`, its second version (more arguments that do not matter) and its third (a type for untyped storages). */
function rebuildTensor(version: 2 | 3) {
  return ([storage, first, dims, strides, , , type]: readonly unknown[]): StoredTensor => {
    if (!(storage instanceof Storage)) throw new PickleNonsense('a tensor has no storage');
    const sides = counts(dims, 'the shape of a tensor');
    const steps = counts(strides, 'the strides of a tensor');
    if (!isCount(first) || steps.length !== sides.length || !Number.isSafeInteger(countOf(sides))) {
      throw new PickleNonsense('a tensor lies nowhere in its storage');
    }
    const element = version === 3 && type instanceof TorchType ? type.type : storage.type;
    if (element === 'untyped') throw new PickleNonsense('a tensor has no element type');
    return new StoredTensor(storage, element, first, sides, steps);
  };
}

/** A parameter is the tensor it wraps. */
function rebuildParameter([tensor]: readonly unknown[]): unknown {
  return tensor;
}

/** `torch._tensor._rebuild_from_type_v2`: a function, a class, the function's arguments, and attributes. */
function rebuildFromType([make, , args]: readonly unknown[]): unknown {
  const rebuild = rebuilders.find((name) => weightObjects.get(name) === make);
  if (!rebuild || !Array.isArray(args)) throw new PickleNonsense('a tensor cannot be rebuilt');
  return makers[rebuild](args);
}

function mapping([pairs]: readonly unknown[]): Map<unknown, unknown> {
  const map = new Map<unknown, unknown>();
  for (const pair of Array.isArray(pairs) ? pairs : []) {
    if (!Array.isArray(pair) || pair.length !== 2) throw new PickleNonsense('a dictionary is made from something else than pairs');
    map.set(pair[0], pair[1]);
  }
  return map;
}

/** `numpy.core.numeric._frombuffer`: bytes, type, shape and 'C' or 'F'. */
function fromBuffer([raw, dtype, dims, order]: readonly unknown[]): PickledArray {
  const array = new PickledArray();
  array.setState([1, dims, dtype, order === 'F', raw]);
  return array;
}

/** A list of any kind stands for its items, so that tensors in it are found. */
const listing = ([items]: readonly unknown[]): unknown => (Array.isArray(items) ? items : []);

const torchTypes: Record<string, ElementType> = {
  float64: 'float64',
  double: 'float64',
  float32: 'float32',
  float: 'float32',
  float16: 'float16',
  half: 'float16',
  bfloat16: 'bfloat16',
  int64: 'int64',
  long: 'int64',
  int32: 'int32',
  int: 'int32',
  int16: 'int16',
  short: 'int16',
  int8: 'int8',
  uint8: 'uint8',
  uint16: 'uint16',
  uint32: 'uint32',
  uint64: 'uint64',
  bool: 'bool',
};

const storageTypes: Record<string, ElementType | 'untyped'> = {
  DoubleStorage: 'float64',
  FloatStorage: 'float32',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
  UntypedStorage: 'untyped',
};

/** Classes that training scripts leave in their checkpoints. */
const inert = [
  'argparse.Namespace',
  'types.SimpleNamespace',
  'torch.device',
  'torch.Tensor',
  'torch._tensor.Tensor',
  'torch.nn.parameter.Parameter',
  'torch.nn.parameter.Buffer',
  'torch.torch_version.TorchVersion',
  'numpy.ndarray',
  'datetime.datetime',
  'datetime.date',
  'datetime.timedelta',
  ...['PosixPath', 'WindowsPath', 'PurePosixPath', 'PureWindowsPath', 'Path'].flatMap((path) => [
    `pathlib.${path}`,
    `pathlib._local.${path}`,
  ]),
  ...['int', 'float', 'bool', 'str', 'complex', 'slice', 'range', 'bytearray', 'bytes', 'object', 'dict', 'list', 'tuple'].map(
    (name) => `builtins.${name}`,
  ),
  ...['int', 'float', 'bool', 'str', 'complex', 'slice', 'object', 'unicode', 'long', 'dict', 'list', 'tuple'].map(
    (name) => `__builtin__.${name}`,
  ),
  'copyreg._reconstructor',
  'copy_reg._reconstructor',
  ...['core', '_core'].map((core) => `numpy.${core}.multiarray.scalar`),
];

const rebuilders = ['torch._utils._rebuild_tensor_v2', 'torch._utils._rebuild_tensor_v3'];

const makers: Record<string, (args: readonly unknown[]) => unknown> = {
  'collections.OrderedDict': mapping,
  'collections.Counter': mapping,
  'collections.defaultdict': () => new Map(),
  'collections.deque': listing,
  'builtins.set': listing,
  'builtins.frozenset': listing,
  '__builtin__.set': listing,
  '__builtin__.frozenset': listing,
  'torch.Size': listing,
  'torch._utils._rebuild_tensor': rebuildTensor(2),
  'torch._utils._rebuild_tensor_v2': rebuildTensor(2),
  'torch._utils._rebuild_tensor_v3': rebuildTensor(3),
  'torch._utils._rebuild_parameter': rebuildParameter,
  'torch._utils._rebuild_parameter_with_state': rebuildParameter,
  'torch._tensor._rebuild_from_type_v2': rebuildFromType,
  '_codecs.encode': ([text]) => bytesOfText(text),
  'numpy.dtype': ([descriptor]) => new PickledDtype(descriptor),
  'numpy.core.multiarray._reconstruct': () => new PickledArray(),
  'numpy._core.multiarray._reconstruct': () => new PickledArray(),
  'numpy.core.numeric._frombuffer': fromBuffer,
  'numpy._core.numeric._frombuffer': fromBuffer,
};

const entries: Callable[] = [
  ...inert.map((name) => ({ name, call: () => new Inert(name) })),
  ...Object.entries(makers).map(([name, call]) => ({ name, call })),
  ...Object.entries(torchTypes).map(([name, type]) => new TorchType(`torch.${name}`, type)),
  ...Object.entries(storageTypes).flatMap(([name, type]) =>
    ['torch', 'torch.cuda', 'torch.storage'].map((module) => new StorageType(`${module}.${name}`, type)),
  ),
];

/** Everything a pickle of weights may name. */
export const weightObjects: ReadonlyMap<string, Callable> = new Map(entries.map((entry) => [entry.name, entry]));
