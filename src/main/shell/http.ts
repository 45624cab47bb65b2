/** Between Node's http messages and the standard Request and Response that the core speaks. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Questions are JSON; the largest is an import of many paths. Voxels never come this way. */
const limitBytes = 16 << 20;

export class TooLarge extends Error {
  constructor() {
    super(`A request may hold at most ${limitBytes >> 20} MiB.`);
  }
}

/** Full address of a request. Joined as text: resolving `//name` against the host would take `name` for another host. */
export const addressOf = (incoming: IncomingMessage): URL =>
  new URL(`http://${incoming.headers.host}${incoming.url?.startsWith('/') ? incoming.url : '/'}`);

/** Reads a request whole. @throws TooLarge as soon as it exceeds the limit, without reading on. */
export async function readRequest(incoming: IncomingMessage): Promise<Request> {
  const method = incoming.method ?? 'GET';
  const url = addressOf(incoming);
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) if (typeof value === 'string') headers.set(name, value);
  if (method === 'GET' || method === 'HEAD') return new Request(url, { method, headers });
  if (Number(incoming.headers['content-length'] ?? 0) > limitBytes) throw new TooLarge();
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of incoming as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > limitBytes) throw new TooLarge();
    parts.push(part);
  }
  return new Request(url, { method, headers, body: Buffer.concat(parts) });
}

/** How Node says that the browser closed its end: while it was being answered, or before the answer began. */
const leftEarly = new Set(['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_UNABLE_TO_PIPE']);

/** Sends a response. A browser that goes away in the middle is no error; anything else that fails is reported and cuts the connection. */
export async function answerWith(outgoing: ServerResponse, response: Response, report: (bug: unknown) => void): Promise<void> {
  outgoing.writeHead(response.status, [...response.headers].flat());
  if (!response.body) {
    outgoing.end();
    return;
  }
  try {
    await pipeline(Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]), outgoing);
  } catch (error) {
    if (!leftEarly.has((error as NodeJS.ErrnoException).code ?? '')) report(error);
    outgoing.destroy();
  }
}
