/** Answers one request: a question of the contract, or the bytes of a stored file. Every door mounts this same function. */
import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { calls, type Handlers, type Name } from '../../shared/contract';
import type { FileHash } from '../../shared/domain';
import { AppError, fail } from '../../shared/errors';
import { fileResponse } from './fileResponse';

/** Where the bytes of a stored file lie. Throws NOT_FOUND for an address the project does not know. */
export type FindBytes = (hash: FileHash) => { path: string; size: number };

/** A byte address never changes its content, so a page may keep it for ever. */
const forEver = { 'Cache-Control': 'private, max-age=31536000, immutable', 'Content-Type': 'application/octet-stream' };
const isHash = (text: string): text is FileHash => /^[0-9a-f]{64}$/.test(text);

/**
 * `POST /ask/<name>` with the input as JSON answers 200 with the output, or 409 with `{ code, message }` for an expected failure.
 * `GET /bytes/<hash>` streams a stored file and understands one byte range. Anything else is 404 or 405.
 * @throws whatever a bug throws: the door logs it whole and shows a plain apology.
 */
export function router(handlers: Handlers, bytes: FindBytes): (request: Request) => Promise<Response> {
  async function ask(name: string, request: Request): Promise<Response> {
    if (!isName(name)) return new Response(null, { status: 404 });
    if (request.method !== 'POST') return new Response(null, { status: 405, headers: { Allow: 'POST' } });
    const raw: unknown = await request.json().catch(() => fail('BAD_INPUT', 'it is not JSON'));
    const input = calls[name].input.safeParse(raw);
    if (!input.success) fail('BAD_INPUT', z.prettifyError(input.error));
    const answer = handlers[name] as (input: unknown) => unknown;
    return Response.json((await answer(input.data)) ?? null, { headers: { 'Cache-Control': 'no-store' } });
  }

  async function read(hash: string, request: Request): Promise<Response> {
    if (!isHash(hash)) return new Response(null, { status: 404 });
    if (request.method !== 'GET' && request.method !== 'HEAD') return new Response(null, { status: 405, headers: { Allow: 'GET, HEAD' } });
    const { path, size } = bytes(hash);
    const found = await stat(path).catch(() => null);
    if (found?.size !== size) fail('FILE_DAMAGED', path, found ? `${found.size} bytes are left of ${size}` : 'it is gone');
    return fileResponse(request, path, size, forEver);
  }

  return async (request) => {
    const [, area, rest = '', ...more] = new URL(request.url).pathname.split('/');
    try {
      if (more.length > 0) return new Response(null, { status: 404 });
      if (area === 'ask') return await ask(rest, request);
      if (area === 'bytes') return await read(rest, request);
      return new Response(null, { status: 404 });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const status = error.code === 'NOT_FOUND' && area === 'bytes' ? 404 : 409;
      return Response.json({ code: error.code, message: error.message }, { status, headers: { 'Cache-Control': 'no-store' } });
    }
  };
}

const isName = (name: string): name is Name => Object.hasOwn(calls, name);
