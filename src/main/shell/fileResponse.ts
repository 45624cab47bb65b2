/** A file on disk as a streamed HTTP response, whole or one byte range of it. */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';

/**
 * Streams `size` bytes of `path`; a `Range: bytes=a-b` header gets that part with status 206, an impossible one 416.
 * Several ranges at once are answered with the whole file, as HTTP allows.
 */
export function fileResponse(request: Request, path: string, size: number, headers: Record<string, string>): Response {
  const range = rangeOf(request.headers.get('range'), size);
  if (range === 'impossible') return new Response(null, { status: 416, headers: { 'Content-Range': `bytes */${size}` } });
  const [first, last] = range ?? [0, size - 1];
  const all = {
    ...headers,
    'Accept-Ranges': 'bytes',
    'Content-Length': String(last - first + 1),
    ...(range && { 'Content-Range': `bytes ${first}-${last}/${size}` }),
  };
  const hasBody = request.method !== 'HEAD' && last >= first;
  return new Response(hasBody ? streamOf(path, first, last) : null, { status: range ? 206 : 200, headers: all });
}

/** First and last byte asked for, null for "all of it". */
function rangeOf(header: string | null, size: number): [number, number] | 'impossible' | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  const [first, last] =
    match[1] === '' ? [Math.max(0, size - Number(match[2])), size - 1] : [Number(match[1]), match[2] === '' ? size - 1 : Number(match[2])];
  return first > last || first >= size ? 'impossible' : [first, Math.min(last, size - 1)];
}

/** Large chunks: a 40 MB volume takes 40 of them instead of 600. */
const streamOf = (path: string, start: number, end: number): ReadableStream<Uint8Array> =>
  Readable.toWeb(createReadStream(path, { start, end, highWaterMark: 1 << 20 })) as ReadableStream<Uint8Array>;
