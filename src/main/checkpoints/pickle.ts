/**
 * Python pickles (protocols 0 to 5) without Python. The machine builds lists, maps, texts and numbers; whatever else a pickle names must be
 * on a list of harmless stand-ins, which are functions of this program. A file can therefore never run code of its own.
 */
import { fail } from '../../shared/errors';
import { PickleBytes } from './pickleBytes';

/** Stands in for a Python class or function that a pickle may name. */
export interface Callable {
  readonly name: string;
  call(args: readonly unknown[]): unknown;
}
/** An object that takes note of the state a pickle gives it. */
export interface Stateful {
  setState(state: unknown): void;
}

export interface Allowed {
  /** What a pickle may name, by module and name with a dot between. */
  callables: ReadonlyMap<string, Callable>;
  /** What stands for an object kept outside the pickle. */
  persistent(id: unknown): unknown;
}

export interface Unpickled {
  value: unknown;
  /** Place behind the last byte used. */
  end: number;
}

/** Real weights files need about 60 instructions per tensor. */
const workLimit = 2_000_000;
/** An empty map takes as much memory as this many small values. */
const mapWork = 8;

const isCallable = (value: unknown): value is Callable => typeof (value as Callable | null)?.call === 'function';
const isStateful = (value: unknown): value is Stateful => typeof (value as Stateful | null)?.setState === 'function';

/**
 * Runs the pickle that starts at `at`. Lists, tuples and sets arrive as arrays, dictionaries as maps, bytes as Uint8Array, whole numbers as
 * numbers or, beyond 2⁵³, as bigints.
 * @throws CHECKPOINT_UNSAFE naming what is not allowed, FILE_DAMAGED, PickleEndsEarly
 */
export function unpickle(bytes: Uint8Array, at: number, allowed: Allowed, file: string): Unpickled {
  const machine = new Machine(new PickleBytes(bytes, at), allowed, file);
  return { value: machine.run(), end: machine.bytes.at };
}

/** A stack, marks on it, and a memory of numbered values. */
class Machine {
  readonly stack: unknown[] = [];
  readonly marks: number[] = [];
  readonly memo = new Map<number, unknown>();
  #work = 0;
  constructor(
    readonly bytes: PickleBytes,
    readonly allowed: Allowed,
    readonly file: string,
  ) {}

  run(): unknown {
    for (;;) {
      this.work(1);
      const code = this.bytes.byte();
      if (code === stop) return this.pop();
      const instruction = instructions[code];
      if (!instruction) this.damaged(`instruction 0x${code.toString(16)} is unknown`);
      try {
        instruction(this);
      } catch (error) {
        // A stand-in that was given nonsense.
        if (error instanceof PickleNonsense) this.damaged(error.message);
        throw error;
      }
    }
  }

  /** Counts what the pickle makes us do, so that a few bytes repeated do not take hours or all memory. */
  work(amount: number): void {
    this.#work += amount;
    if (this.#work > workLimit) this.damaged(`it takes more than ${workLimit} steps`);
  }
  /** Arguments may be copied: long ones count. */
  workOn(args: readonly unknown[]): void {
    for (const arg of args) {
      if (Array.isArray(arg)) this.work(arg.length * mapWork);
      else if (typeof arg === 'string') this.work(arg.length >> 6);
    }
  }

  damaged(why: string): never {
    return fail('FILE_DAMAGED', this.file, `its pickle makes no sense (${why})`);
  }
  push(value: unknown): void {
    this.stack.push(value);
  }
  pushMap(): void {
    this.work(mapWork);
    this.push(new Map());
  }
  pop(): unknown {
    if (this.stack.length <= (this.marks.at(-1) ?? 0)) this.damaged('nothing is left on its stack');
    return this.stack.pop();
  }
  top(): unknown {
    if (this.stack.length <= (this.marks.at(-1) ?? 0)) this.damaged('nothing is left on its stack');
    return this.stack.at(-1);
  }
  /** Everything above the last mark. */
  popMarked(): unknown[] {
    return this.stack.splice(this.marks.pop() ?? this.damaged('a mark is missing'));
  }
  popList(): unknown[] {
    const value = this.pop();
    return Array.isArray(value) ? value : this.damaged('a list is missing');
  }
  remember(key: number): void {
    this.memo.set(key, this.top());
  }
  recall(key: number): void {
    if (!this.memo.has(key)) this.damaged(`value ${key} was never kept`);
    this.push(this.memo.get(key));
  }
  append(items: readonly unknown[]): void {
    const list = this.top();
    if (!Array.isArray(list)) this.damaged('a list is missing');
    for (const item of items) list.push(item);
  }
  set(items: readonly unknown[]): void {
    const map = this.top();
    if (items.length % 2 === 1) this.damaged('a key has no value');
    // Other mappings than dictionaries are never looked into.
    if (map instanceof Map) for (let n = 0; n < items.length; n += 2) map.set(items[n], items[n + 1]);
    else if (!isStateful(map)) this.damaged('a dictionary is missing');
  }
  find(module: unknown, name: unknown): Callable {
    if (typeof module !== 'string' || typeof name !== 'string') this.damaged('a name is no text');
    const full = `${module}.${name}`;
    return this.allowed.callables.get(full) ?? fail('CHECKPOINT_UNSAFE', this.file, printable(full));
  }
  call(callable: unknown, args: unknown): void {
    if (!isCallable(callable) || !Array.isArray(args)) this.damaged('something that cannot be called is called');
    this.workOn(args);
    this.push(callable.call(args));
  }
  build(): void {
    const state = this.pop();
    const object = this.top();
    if (Array.isArray(state)) this.workOn(state);
    // A dictionary's attributes (such as the versions of a state dict) carry no weights.
    if (isStateful(object)) object.setState(state);
    else if (!(object instanceof Map)) this.damaged('something without a state is given one');
  }
}

/** Thrown by stand-ins when their arguments cannot be true. */
export class PickleNonsense extends Error {}

/** A name as a person may read it: no control characters, no novels. */
const printable = (name: string) => name.replace(/[^\x20-\x7e]/g, '?').slice(0, 100);

type Instruction = (machine: Machine) => void;
const stop = '.'.charCodeAt(0);

const constant =
  (value: unknown): Instruction =>
  (m) =>
    m.push(value);
const pushed =
  (take: (bytes: PickleBytes) => unknown): Instruction =>
  (m) =>
    m.push(take(m.bytes));
const tuple =
  (length: number): Instruction =>
  (m) => {
    const items = Array.from({ length }, () => m.pop());
    m.push(items.reverse());
  };
const marked = (m: Machine) => m.push(m.popMarked());

/** Instructions by their code; names as in Python's pickletools. */
const table: Record<string, Instruction> = {
  // Numbers and constants: NONE, NEWTRUE, NEWFALSE, INT, LONG, FLOAT, BININT, BININT1, BININT2, LONG1, LONG4, BINFLOAT.
  N: constant(null),
  '\x88': constant(true),
  '\x89': constant(false),
  I: (m) => {
    const line = m.bytes.line();
    m.push(line === '01' ? true : line === '00' ? false : wholeNumber(m, line));
  },
  L: (m) => m.push(wholeNumber(m, m.bytes.line().replace(/L$/, ''))),
  F: (m) => m.push(Number(m.bytes.line())),
  J: pushed((bytes) => bytes.int32()),
  K: pushed((bytes) => bytes.byte()),
  M: pushed((bytes) => bytes.uint16()),
  '\x8a': (m) => m.push(m.bytes.long(m.bytes.byte())),
  '\x8b': (m) => m.push(m.bytes.long(Math.min(1024, m.bytes.uint32()))),
  G: pushed((bytes) => bytes.float64()),

  // Texts: STRING, BINSTRING, SHORT_BINSTRING (bytes of Python 2), UNICODE, BINUNICODE, SHORT_BINUNICODE, BINUNICODE8.
  S: (m) => m.push(unescaped(m.bytes.line().slice(1, -1))),
  T: pushed((bytes) => bytes.text(bytes.uint32(), 'latin1')),
  U: pushed((bytes) => bytes.text(bytes.byte(), 'latin1')),
  V: (m) => m.push(unescaped(m.bytes.line())),
  X: pushed((bytes) => bytes.text(bytes.uint32(), 'utf8')),
  '\x8c': pushed((bytes) => bytes.text(bytes.byte(), 'utf8')),
  '\x8d': pushed((bytes) => bytes.text(bytes.uint64(), 'utf8')),

  // Bytes: BINBYTES, SHORT_BINBYTES, BINBYTES8, BYTEARRAY8.
  B: pushed((bytes) => bytes.take(bytes.uint32())),
  C: pushed((bytes) => bytes.take(bytes.byte())),
  '\x8e': pushed((bytes) => bytes.take(bytes.uint64())),
  '\x96': pushed((bytes) => bytes.take(bytes.uint64())),

  // Containers: EMPTY_LIST, EMPTY_TUPLE, EMPTY_DICT, EMPTY_SET, LIST, TUPLE, FROZENSET, TUPLE1 to TUPLE3, DICT, APPEND, APPENDS, ADDITEMS, SETITEM(S).
  ']': (m) => m.push([]),
  ')': (m) => m.push([]),
  '}': (m) => m.pushMap(),
  '\x8f': (m) => m.push([]),
  l: marked,
  t: marked,
  '\x91': marked,
  '\x85': tuple(1),
  '\x86': tuple(2),
  '\x87': tuple(3),
  d: (m) => {
    const items = m.popMarked();
    m.pushMap();
    m.set(items);
  },
  a: (m) => m.append([m.pop()]),
  e: (m) => m.append(m.popMarked()),
  '\x90': (m) => m.append(m.popMarked()),
  s: (m) => {
    const value = m.pop();
    m.set([m.pop(), value]);
  },
  u: (m) => m.set(m.popMarked()),

  // The stack and the memory: MARK, POP, POP_MARK, DUP, PUT, BINPUT, LONG_BINPUT, MEMOIZE, GET, BINGET, LONG_BINGET.
  '(': (m) => {
    m.marks.push(m.stack.length);
  },
  '0': (m) => {
    if (m.stack.length === m.marks.at(-1)) m.marks.pop();
    else m.pop();
  },
  '1': (m) => {
    m.popMarked();
  },
  '2': (m) => m.push(m.top()),
  p: (m) => m.remember(Number(m.bytes.line())),
  q: (m) => m.remember(m.bytes.byte()),
  r: (m) => m.remember(m.bytes.uint32()),
  '\x94': (m) => m.remember(m.memo.size),
  g: (m) => m.recall(Number(m.bytes.line())),
  h: (m) => m.recall(m.bytes.byte()),
  j: (m) => m.recall(m.bytes.uint32()),

  // Names and what is made from them: GLOBAL, STACK_GLOBAL, REDUCE, NEWOBJ, NEWOBJ_EX, INST, OBJ, BUILD, BINPERSID.
  c: (m) => m.push(m.find(m.bytes.line(), m.bytes.line())),
  '\x93': (m) => {
    const name = m.pop();
    m.push(m.find(m.pop(), name));
  },
  R: (m) => {
    const args = m.pop();
    m.call(m.pop(), args);
  },
  '\x81': (m) => {
    const args = m.pop();
    m.call(m.pop(), args);
  },
  '\x92': (m) => {
    m.pop();
    const args = m.pop();
    m.call(m.pop(), args);
  },
  i: (m) => {
    const callable = m.find(m.bytes.line(), m.bytes.line());
    m.call(callable, m.popMarked());
  },
  o: (m) => {
    const [callable, ...args] = m.popMarked();
    m.call(callable, args);
  },
  b: (m) => m.build(),
  Q: (m) => m.push(m.allowed.persistent(m.pop())),

  // PROTO and FRAME say nothing that is needed.
  '\x80': (m) => {
    m.bytes.byte();
  },
  '\x95': (m) => {
    m.bytes.uint64();
  },
};
const instructions: (Instruction | undefined)[] = Array.from({ length: 256 }, (_, code) => table[String.fromCharCode(code)] ?? undefined);

function wholeNumber(m: Machine, digits: string): number | bigint {
  if (!/^[+-]?\d{1,1000}$/.test(digits)) m.damaged('a whole number is missing');
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : BigInt(digits);
}

/** Backslash escapes of Python's repr. */
function unescaped(text: string): string {
  const plain: Record<string, string> = { n: '\n', r: '\r', t: '\t' };
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))/g, (_, byte, unit, other) =>
    other === undefined ? String.fromCharCode(Number.parseInt(byte ?? unit, 16)) : (plain[other] ?? other),
  );
}
