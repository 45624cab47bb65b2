/** The border: what is answered, refused and passed on. */
import { createHash, randomBytes } from 'node:crypto';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { router } from '../../src/main/shell/router';
import type { Handlers } from '../../src/shared/contract';
import { fail } from '../../src/shared/errors';
import { sharedFolder } from '../folders';

const voxels = randomBytes(5_000_000);
const hash = createHash('sha256').update(voxels).digest('hex');
const path = join(sharedFolder(), 'voxels');

beforeAll(() => {
  writeFileSync(path, voxels);
});

// Only the questions these tests ask are answered; any other would be a bug here.
const handlers = {
  'project.get': () => null,
  'project.log': ({ limit }: { limit: number }) => [{ id: limit, at: '', kind: 'asked', sentence: '' }],
  'runs.stop': () => undefined,
  'cases.list': () => fail('NO_PROJECT'),
  'jobs.list': () => {
    throw new TypeError('a bug');
  },
} as unknown as Handlers;
const handle = router(handlers, (asked) => (asked === hash ? { path, size: voxels.length } : fail('NOT_FOUND', `file ${asked}`)));

const post = (name: string, body: unknown) =>
  handle(new Request(`app://understudy/ask/${name}`, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) }));
const get = (address: string, headers: Record<string, string> = {}, method = 'GET') =>
  handle(new Request(`app://understudy/bytes/${address}`, { method, headers }));

describe('questions', () => {
  test('an answer comes back as JSON, with defaults of the contract filled in', async () => {
    const response = await post('project.log', {});
    expect([response.status, await response.json()]).toEqual([200, [{ id: 200, at: '', kind: 'asked', sentence: '' }]]);
  });

  test('a handler without an answer answers null', async () => {
    const response = await post('runs.stop', { run: '6f2b8f3c-34cf-4c37-9c7e-0d4e1b0b7b0e' });
    expect([response.status, await response.json()]).toEqual([200, null]);
  });

  test.each([
    ['text that is not JSON', 'project.log', '{limit'],
    ['a number out of range', 'project.log', { limit: 0 }],
    ['an id that is none', 'runs.stop', { run: 'seven' }],
  ])('%s is refused as bad input', async (_what, name, body) => {
    const response = await post(name, body);
    expect([response.status, (await response.json()).code]).toEqual([409, 'BAD_INPUT']);
  });

  test('a refusal names the field that was wrong', async () => {
    expect((await (await post('project.log', { limit: 'many' })).json()).message).toContain('limit');
  });

  test('an expected failure answers its code and its sentence', async () => {
    const response = await post('cases.list', {});
    expect([response.status, await response.json()]).toEqual([
      409,
      { code: 'NO_PROJECT', message: 'No project is open. Open or create one first.' },
    ]);
  });

  test('a bug is not turned into an answer', async () => {
    await expect(post('jobs.list', {})).rejects.toThrow('a bug');
  });

  test.each(['nobody.knows', 'toString', '__proto__', 'constructor', ''])('the name "%s" is not found', async (name) => {
    expect((await post(name, {})).status).toBe(404);
  });

  test('a question by GET is not allowed', async () => {
    expect((await handle(new Request('app://understudy/ask/project.get'))).status).toBe(405);
  });
});

describe('bytes', () => {
  test('a stored file comes back whole, with its length and the leave to keep it for ever', async () => {
    const response = await get(hash);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe(String(voxels.length));
    expect(response.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
    expect(Buffer.from(await response.arrayBuffer()).equals(voxels)).toBe(true);
  });

  test.each([
    ['bytes=10-19', 'bytes 10-19/5000000', voxels.subarray(10, 20)],
    ['bytes=4999990-', 'bytes 4999990-4999999/5000000', voxels.subarray(4_999_990)],
    ['bytes=-5', 'bytes 4999995-4999999/5000000', voxels.subarray(4_999_995)],
    ['bytes=4999998-9999999', 'bytes 4999998-4999999/5000000', voxels.subarray(4_999_998)],
  ])('the range %s is answered with that part', async (range, contentRange, expected) => {
    const response = await get(hash, { Range: range });
    expect([response.status, response.headers.get('content-range')]).toEqual([206, contentRange]);
    expect(Buffer.from(await response.arrayBuffer()).equals(expected)).toBe(true);
  });

  test.each(['bytes=5000000-', 'bytes=20-10', 'bytes=-0'])('the range %s cannot be satisfied', async (range) => {
    const response = await get(hash, { Range: range });
    expect([response.status, response.headers.get('content-range')]).toEqual([416, 'bytes */5000000']);
  });

  test('asking for the head gives the length and no body', async () => {
    const response = await get(hash, {}, 'HEAD');
    expect([response.headers.get('content-length'), (await response.arrayBuffer()).byteLength]).toEqual(['5000000', 0]);
  });

  test('an unknown address is not found', async () => {
    const response = await get('0'.repeat(64));
    expect([response.status, (await response.json()).code]).toEqual([404, 'NOT_FOUND']);
  });

  test.each(['..%2f..%2fetc%2fpasswd', '../../etc/passwd', 'ABC', `${hash}/more`])('the address %s is not found', async (address) => {
    expect((await get(address)).status).toBe(404);
  });

  test('a file that lost bytes on disk is reported as damaged, not served short', async () => {
    truncateSync(path, 100);
    const response = await get(hash);
    expect([response.status, (await response.json()).code]).toEqual([409, 'FILE_DAMAGED']);
    writeFileSync(path, voxels);
  });
});
