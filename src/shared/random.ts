/** Seeded random streams: the same seed gives the same numbers on every machine. xoshiro128** (Blackman & Vigna 2018), seeded by splitmix32. */

/** A stream of random numbers. Streams forked under different names are independent of each other and of how much the parent was used. */
export interface Random {
  /** The next 32 random bits, 0…2³²−1. */
  next(): number;
  /** Uniform in [low, high); without arguments in [0, 1). 32 bits of resolution. */
  uniform(low?: number, high?: number): number;
  /** Standard normal (Marsaglia's polar method). */
  normal(): number;
  /** Uniform integer in 0…n−1, without modulo bias. */
  integer(n: number): number;
  /** Poisson with the given mean ≥ 0: exact below 30, rounded normal above. */
  poisson(mean: number): number;
  /** A new stream for a named purpose; depends on this stream's seed and the name only. */
  fork(name: string | number): Random;
  /** Where the stream stands; give it to `randomFrom` to go on from here. */
  state(): RandomState;
}
export interface RandomState {
  seed: number;
  words: [number, number, number, number];
  /** Second half of a pair of normal numbers, if one is waiting. */
  spare: number | null;
}

const rotate = (x: number, by: number) => (x << by) | (x >>> (32 - by));

function splitmix32(seed: number): () => number {
  let s = seed | 0;
  return () => {
    s = (s + 0x9e3779b9) | 0;
    let t = s ^ (s >>> 16);
    t = Math.imul(t, 0x21f0aaad);
    t ^= t >>> 15;
    t = Math.imul(t, 0x735a2d97);
    return (t ^ (t >>> 15)) >>> 0;
  };
}

/** FNV-1a over the UTF-16 units of the name, mixed with the seed. */
function mix(seed: number, name: string | number): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (const unit of String(name)) hash = Math.imul(hash ^ unit.charCodeAt(0), 0x01000193) >>> 0;
  return splitmix32(hash)();
}

/** A stream from a seed (any 32-bit integer). */
export function random(seed: number): Random {
  const word = splitmix32(seed);
  return randomFrom({ seed: seed >>> 0, words: [word(), word(), word(), word()], spare: null });
}

/** A stream that goes on where `state` stood. */
export function randomFrom(state: RandomState): Random {
  const { seed } = state;
  let [a, b, c, d] = state.words;
  let spare = state.spare;

  function next(): number {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotate(d, 11);
    return result;
  }
  const uniform = (low = 0, high = 1) => low + (high - low) * (next() / 0x1_0000_0000);

  function normal(): number {
    if (spare !== null) {
      const waiting = spare;
      spare = null;
      return waiting;
    }
    for (;;) {
      const [x, y] = [uniform(-1, 1), uniform(-1, 1)];
      const r = x * x + y * y;
      if (r === 0 || r >= 1) continue;
      const f = Math.sqrt((-2 * Math.log(r)) / r);
      spare = y * f;
      return x * f;
    }
  }

  function integer(n: number): number {
    const limit = Math.floor(0x1_0000_0000 / n) * n;
    for (;;) {
      const x = next();
      if (x < limit) return x % n;
    }
  }

  function poisson(mean: number): number {
    if (mean >= 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
    const floor = Math.exp(-mean);
    let count = -1;
    for (let product = 1; product > floor || count < 0; product *= uniform()) count++;
    return count;
  }

  return {
    next,
    uniform,
    normal,
    integer,
    poisson,
    fork: (name) => random(mix(seed, name)),
    state: () => ({ seed, words: [a >>> 0, b >>> 0, c >>> 0, d >>> 0], spare }),
  };
}
