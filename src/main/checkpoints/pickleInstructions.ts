/** What each instruction of a pickle does to the machine. */
import type { Machine } from './pickle';
import type { PickleBytes } from './pickleBytes';

export type Instruction = (machine: Machine) => void;

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
/** By code; undefined where no protocol has one, and for STOP, which ends the machine. */
export const instructions: (Instruction | undefined)[] = Array.from(
  { length: 256 },
  (_, code) => table[String.fromCharCode(code)] ?? undefined,
);

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
