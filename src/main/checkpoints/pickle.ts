/**
 * Python pickles (protocols 0 to 5) without Python. The machine builds lists, maps, texts and numbers; whatever else a pickle names must be
 * on a list of harmless stand-ins, which are functions of this program. A file can therefore never run code of its own.
 */
import { fail } from '../../shared/errors';
import { PickleBytes } from './pickleBytes';
import { instructions } from './pickleInstructions';

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

const stop = '.'.charCodeAt(0);
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
export class Machine {
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
