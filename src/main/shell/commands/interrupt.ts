/** Ctrl-C, told apart from the echo of the same Ctrl-C: npm passes on a signal that the terminal has already sent. */

/** A second Ctrl-C means "now", but not within this time of the first. */
const echoMs = 1_000;

/** The first Ctrl-C (or request to end) aborts the signal; a later one ends the process at once. */
export function onInterrupt(): { signal: AbortSignal; forget(): void } {
  const controller = new AbortController();
  let firstAt = 0;
  const hear = () => {
    if (!controller.signal.aborted) {
      firstAt = Date.now();
      controller.abort();
    } else if (Date.now() - firstAt > echoMs) process.exit(130);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, hear);
  return {
    signal: controller.signal,
    forget: () => {
      for (const name of signals) process.off(name, hear);
    },
  };
}
