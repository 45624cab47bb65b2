/** The loopback door: who comes in, what is refused, and how announcements reach a page. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Loopback, serveLoopback } from '../../src/main/shell/loopback';
import { router } from '../../src/main/shell/router';
import type { Handlers } from '../../src/shared/contract';
import { fail } from '../../src/shared/errors';
import type { Announcement } from '../../src/shared/events';
import { sharedFolder, temporaryFolder } from '../folders';

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

let door: Loopback;
let origin: string;
let cookie: string;
let asked = 0;
const reported: unknown[] = [];
const ears = new Set<(announcement: Announcement) => void>();
const announce = (announcement: Announcement) => {
  for (const hear of ears) hear(announcement);
};

const folder = sharedFolder();
beforeAll(async () => {
  const renderer = join(folder, 'renderer');
  mkdirSync(join(renderer, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), 'not for pages');
  writeFileSync(join(renderer, 'index.html'), '<!doctype html><title>Understudy</title>');
  writeFileSync(join(renderer, 'assets', 'page-1234.js'), 'export {};');
  const handlers = {
    'project.get': () => {
      asked++;
      return null;
    },
    'cases.list': () => {
      throw new TypeError('something broke inside');
    },
  } as unknown as Handlers;
  const handle = router(handlers, (hash) => fail('NOT_FOUND', `file ${hash}`));
  const listen = (hear: (announcement: Announcement) => void) => {
    ears.add(hear);
    return () => void ears.delete(hear);
  };
  door = await serveLoopback({ handle, listen }, { renderer, report: (bug) => reported.push(bug) });
  origin = new URL(door.url).origin;
  const entered = await send('GET', new URL(door.url).pathname + new URL(door.url).search);
  cookie = entered.headers['set-cookie']![0].split(';')[0];
});
afterAll(() => door.close());

/** One request, with every header under our control; the path is sent as it is written. */
function send(method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, method, path, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part));
      response.once('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: text }));
    });
    request.once('error', reject);
    request.end(body);
  });
}
const ask = (headers: Record<string, string>, name = 'project.get') => send('POST', `/ask/${name}`, headers, '{}');

describe('coming in', () => {
  test('the token is exchanged for a cookie that scripts cannot read and other sites cannot send', async () => {
    const { status, headers } = await send('GET', `/${new URL(door.url).search}`);
    expect([status, headers.location]).toEqual([303, '/']);
    expect(headers['set-cookie']![0]).toMatch(/^understudy-\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
  });

  test('a ticket lets in once, and never again', async () => {
    const { search } = new URL(door.urlForOnce());
    expect([(await send('GET', `/${search}`)).status, (await send('GET', `/${search}`)).status]).toEqual([303, 403]);
  });

  test('the cookie is not the token, so an address in a history lets nobody read it', () => {
    expect(cookie).not.toContain(new URL(door.url).searchParams.get('token'));
  });

  test('with the cookie the page is served under the strict headers', async () => {
    const { status, headers, body } = await send('GET', '/', { Cookie: cookie });
    expect([status, headers['content-type'], body]).toEqual([200, 'text/html; charset=utf-8', '<!doctype html><title>Understudy</title>']);
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self';");
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
  });

  test('only 127.0.0.1 is listened on', async () => {
    const { port } = new URL(origin);
    const reached = await new Promise((resolve) => {
      // Another address of this same machine: everything in 127.0.0.0/8 is local on Linux.
      const socket = connect(Number(port), process.platform === 'linux' ? '127.0.0.2' : '::1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    expect(reached).toBe(false);
  });
});

describe('refused with 403', () => {
  test.each<[string, () => Promise<Answer>]>([
    ['the page without a cookie', () => send('GET', '/')],
    ['an asset without a cookie', () => send('GET', '/assets/page-1234.js')],
    ['the events without a cookie', () => send('GET', '/events')],
    ['bytes without a cookie', () => send('GET', `/bytes/${'0'.repeat(64)}`)],
    ['a question without a cookie', () => ask({ Origin: origin })],
    ['a wrong token', () => send('GET', '/?token=guess')],
    ['an empty token', () => send('GET', '/?token=')],
    ['a wrong cookie', () => send('GET', '/', { Cookie: `${cookie.split('=')[0]}=guess` })],
    ['another host name that leads here', () => ask({ Cookie: cookie, Origin: 'http://evil.example', Host: 'evil.example' })],
    ['a host name that only begins like ours', () => send('GET', '/', { Cookie: cookie, Host: '127.0.0.1.evil.example' })],
    ['the right token under another host name', () => send('GET', `/${new URL(door.url).search}`, { Host: 'evil.example' })],
    ['a question from another page', () => ask({ Cookie: cookie, Origin: 'http://evil.example' })],
    ['a question from another port of this machine', () => ask({ Cookie: cookie, Origin: 'http://127.0.0.1:1' })],
    ['a question that hides its origin', () => ask({ Cookie: cookie, Origin: 'null' })],
    ['a question without an origin', () => ask({ Cookie: cookie })],
    [
      'a picture tag on another site',
      () => send('GET', '/', { Cookie: cookie, 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' }),
    ],
  ])('%s', async (_what, attempt) => {
    const before = asked;
    const { status, body, headers } = await attempt();
    expect([status, asked - before, headers['set-cookie']]).toEqual([403, 0, undefined]);
    expect(body).toMatch(/^Refused: .+\. Open the address/);
  });
});

describe('once inside', () => {
  test('a question from our own page is answered', async () => {
    const { status, body, headers } = await ask({ Cookie: cookie, Origin: origin });
    expect([status, body, headers['cache-control']]).toEqual([200, 'null', 'no-store']);
  });

  test('a tunnel on another port works, as long as page and host agree', async () => {
    expect((await ask({ Cookie: cookie, Origin: 'http://localhost:9999', Host: 'localhost:9999' })).status).toBe(200);
  });

  test.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/..%5c..%5csecret.txt',
    '//secret.txt',
    '/./../secret.txt',
  ])('the address %s leads nowhere', async (path) => {
    const { status, body } = await send('GET', path, { Cookie: cookie });
    expect([status, body]).toEqual([404, '']);
  });

  test('more than 16 MiB are refused without being read', async () => {
    const { status } = await send('POST', '/ask/project.get', { Cookie: cookie, Origin: origin, 'Content-Length': String(17 << 20) });
    expect(status).toBe(413);
  });

  test('more than 16 MiB in pieces of unknown number are refused too', async () => {
    const answer = await send('POST', '/ask/project.get', { Cookie: cookie, Origin: origin }, `"${'x'.repeat(17 << 20)}"`).catch(
      (error: NodeJS.ErrnoException) => error.code,
    );
    // The server may cut the connection before the client has read the answer.
    expect(typeof answer === 'string' ? 413 : answer?.status).toBe(413);
  });

  test('a bug is reported whole here and answered with an apology there', async () => {
    const { status, body } = await ask({ Cookie: cookie, Origin: origin }, 'cases.list');
    expect([status, body.includes('something broke inside')]).toEqual([500, false]);
    expect(reported.at(-1)).toBeInstanceOf(TypeError);
  });
});

test('announcements arrive as events, of several about one thing the newest', async () => {
  const { hostname, port } = new URL(origin);
  const heard = await new Promise<string[]>((resolve, reject) => {
    const request = httpRequest({ hostname, port, path: '/events', headers: { Cookie: cookie }, agent: false }, (response) => {
      expect(response.headers['content-type']).toBe('text/event-stream');
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        if (!text.includes('cases.changed')) return;
        request.destroy();
        resolve(text.split('\n\n').filter((event) => event.startsWith('data: ')));
      });
      const run = '6f2b8f3c-34cf-4c37-9c7e-0d4e1b0b7b0e' as never;
      for (let step = 1; step <= 50; step++)
        announce({ name: 'run.progress', data: { run, stage: 'student', step, steps: 50, loss: 1, secondsLeft: null, busy: '' } });
      announce({ name: 'cases.changed', data: {} });
    });
    request.once('error', reject);
    request.end();
  });
  expect(heard.map((event) => JSON.parse(event.slice(6))).map(({ name, data }) => [name, data.step])).toEqual([
    ['run.progress', 1],
    ['run.progress', 50],
    ['cases.changed', undefined],
  ]);
});

test('closing ends open event streams and frees the port', async () => {
  const second = await serveLoopback(
    { handle: async () => new Response(), listen: () => () => undefined },
    { renderer: temporaryFolder() },
  );
  const { hostname, port, pathname, search } = new URL(second.url);
  const first = await fetch(`http://${hostname}:${port}${pathname}${search}`, { redirect: 'manual' });
  const stream = await fetch(`http://${hostname}:${port}/events`, { headers: { Cookie: first.headers.get('set-cookie')!.split(';')[0] } });
  await second.close();
  expect(await stream.text()).toBe('retry: 1000\n\n');
  await expect(fetch(`http://${hostname}:${port}/`)).rejects.toThrow();
});
