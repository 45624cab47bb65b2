/** The page's only line to the core: questions and bytes by fetch, announcements by the desktop bridge or an event stream. */
import type { Desktop, Input, Name, Output } from '../shared/contract';
import type { FileHash } from '../shared/domain';
import { AppError, appError, isCode } from '../shared/errors';
import type { Announcement } from '../shared/events';

declare global {
  interface Window {
    /** Put there by the preload script; absent in a browser. */
    understudy?: Desktop;
  }
}

/** What only an Electron window can do, or undefined in a browser. */
export const desktop = (): Desktop | undefined => window.understudy;

/**
 * Asks the core one question.
 * @throws AppError with the core's own sentence; CONNECTION_LOST when nobody answers; ANSWER_UNREADABLE when the core broke.
 */
export async function ask<K extends Name>(name: K, input: Input<K>, signal?: AbortSignal): Promise<Output<K>> {
  const response = await reach(`/ask/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
    signal,
  });
  if (!response.ok) throw await failureOf(response, name);
  return (await response.json()) as Output<K>;
}

/** Address of a stored file. Content never changes under an address, so it may be cached for ever. */
export const bytesUrl = (hash: FileHash): string => `/bytes/${hash}`;

export interface FetchBytes {
  signal?: AbortSignal;
  /** Bytes from `start` up to, not including, `end`. */
  range?: readonly [start: number, end: number];
  /** Bytes so far and in all; called as they arrive. */
  onProgress?: (received: number, total: number) => void;
}

/** Bytes of a stored file, or of a range of it. Throws like `ask`. */
export async function fetchBytes(hash: FileHash, { signal, range, onProgress }: FetchBytes = {}): Promise<Uint8Array<ArrayBuffer>> {
  const headers: HeadersInit = range ? { range: `bytes=${range[0]}-${range[1] - 1}` } : {};
  const response = await reach(bytesUrl(hash), { headers, signal });
  if (!response.ok) throw await failureOf(response, `file ${hash.slice(0, 12)}`);
  const total = Number(response.headers.get('content-length') ?? 0);
  if (!onProgress || !response.body || total === 0) return new Uint8Array(await response.arrayBuffer());
  const bytes = new Uint8Array(total);
  let received = 0;
  for await (const part of response.body) {
    bytes.set(part, received);
    received += part.byteLength;
    onProgress(received, total);
  }
  return bytes;
}

/**
 * Hears every announcement of the core.
 * @param onReconnect  Called when a broken stream is back: what was announced meanwhile is lost, so ask everything again.
 * @param onLine       Called with false while the stream is broken.
 * @returns How to stop.
 */
export function listen(hear: (announcement: Announcement) => void, onReconnect: () => void, onLine: (isUp: boolean) => void): () => void {
  const bridge = desktop();
  if (bridge) return bridge.listen(hear);
  const stream = new EventSource('/events');
  let wasBroken = false;
  stream.onmessage = (event) => hear(JSON.parse(event.data as string) as Announcement);
  stream.onopen = () => {
    onLine(true);
    if (wasBroken) onReconnect();
    wasBroken = false;
  };
  stream.onerror = () => {
    wasBroken = true;
    onLine(false);
  };
  return () => stream.close();
}

async function reach(address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, init);
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw appError('CONNECTION_LOST');
  }
}

async function failureOf(response: Response, what: string): Promise<AppError> {
  const body = (await response.json().catch(() => null)) as { code?: unknown; message?: unknown } | null;
  if (body && isCode(body.code) && typeof body.message === 'string') return new AppError(body.code, body.message);
  return appError('ANSWER_UNREADABLE', what, response.status);
}
