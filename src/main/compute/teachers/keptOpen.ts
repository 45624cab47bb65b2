/** Things that are slow to open, kept open within a budget: of those unused longest, as many are let go as it takes. */

export interface KeptOpen<T> {
  /** What is open under the key, or what `open` opens; it counts as used now. */
  get(key: string, open: () => Promise<T>): Promise<T>;
}

interface Options<T> {
  /** What all of them may take; the one used last stays even if it takes more. */
  budget: () => number;
  sizeOf(open: T): number;
  close(open: T): Promise<void>;
}

export function keptOpen<T>({ budget, sizeOf, close }: Options<T>): KeptOpen<T> {
  const all = new Map<string, T>();

  async function closeOldest(): Promise<void> {
    const newestFirst = [...all].reverse();
    let taken = 0;
    for (const [at, [key, open]] of newestFirst.entries()) {
      taken += sizeOf(open);
      if (at === 0 || taken <= budget()) continue;
      all.delete(key);
      await close(open);
    }
  }

  return {
    async get(key, open) {
      const found = all.get(key) ?? (await open());
      all.delete(key);
      all.set(key, found); // the one used last stands last
      await closeOldest();
      return found;
    },
  };
}
