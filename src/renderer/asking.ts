/** For what a person does: one question at a time, with its state, so that a button is never dead. */
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { Input, Name, Output } from '../shared/contract';
import type { AppError } from '../shared/errors';
import { asAppError } from './answers';
import { ask } from './api';

export interface Asking {
  /** Asks, and remembers that it is under way or failed. Answers undefined on failure: `error` holds the sentence. */
  ask: <K extends Name>(name: K, input: Input<K>) => Promise<{ answer: Output<K> } | undefined>;
  busy: Name | null;
  error: AppError | null;
  clear: () => void;
}

/** Asks on demand, and tells what is under way and what went wrong. */
export function useAsk(): Asking {
  const [busy, setBusy] = useState<Name | null>(null);
  const [error, setError] = useState<AppError | null>(null);
  const mounted = useMemo(() => ({ isThere: true }), []);
  useEffect(() => {
    mounted.isThere = true;
    return () => {
      mounted.isThere = false;
    };
  }, [mounted]);
  const askOnce = useCallback<Asking['ask']>(
    async (name, input) => {
      setBusy(name);
      setError(null);
      try {
        return { answer: await ask(name, input) };
      } catch (failure) {
        if (mounted.isThere) setError(asAppError(failure));
        return undefined;
      } finally {
        if (mounted.isThere) setBusy(null);
      }
    },
    [mounted],
  );
  return { ask: askOnce, busy, error, clear: useCallback(() => setError(null), []) };
}
