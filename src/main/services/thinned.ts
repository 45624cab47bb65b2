/** Sends often-changing news a few times a second: the first at once, the newest never lost. */

export interface Thinned {
  /** Sends now if it has been quiet long enough, else when it has. */
  soon(): void;
  /** Sends now; a waiting one is dropped, for this is newer. */
  now(): void;
  /** Drops a waiting one. */
  cancel(): void;
}

export function thinned(everyMs: number, send: () => void): Thinned {
  let timer: NodeJS.Timeout | undefined;
  let lastMs = Number.NEGATIVE_INFINITY;
  const now = () => {
    clearTimeout(timer);
    timer = undefined;
    lastMs = performance.now();
    send();
  };
  return {
    now,
    soon() {
      if (timer) return;
      const waitMs = lastMs + everyMs - performance.now();
      if (waitMs <= 0) now();
      else timer = setTimeout(now, waitMs);
    },
    cancel() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
