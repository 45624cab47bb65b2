/** Who may come in through the loopback door: a browser on this machine that was given the token, asking from our own page. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { addressOf } from './http';

/** Names of this machine to itself. A page elsewhere that points its own name at 127.0.0.1 is told apart by them; the port may be a tunnel's. */
const ourHost = /^(127\.0\.0\.1|localhost)(:\d{1,5})?$/i;

/**
 * The rules of one server:
 * 1. Host must be this machine (a foreign name that resolves to 127.0.0.1 is refused).
 * 2. `/?token=…` with the right token (or a ticket, good for one use) is answered with a cookie that scripts cannot read and other sites cannot send, and without the token in the address.
 * 3. Everything else needs that cookie, and must not come from another site's page; a POST must name our own page as its origin.
 */
export function admission(port: number) {
  const token = randomBytes(32).toString('base64url');
  const session = randomBytes(32).toString('base64url');
  // Browsers send cookies to every port of a host: the name keeps two servers apart.
  const cookie = `understudy-${port}`;
  const tickets = new Set<string>();
  const isRight = (given: string) => same(given, token) || tickets.delete(given);

  return {
    token,
    /** A token for one use: safe where others can read it afterwards, as they can a program's arguments. */
    ticket(): string {
      const ticket = randomBytes(32).toString('base64url');
      tickets.add(ticket);
      return ticket;
    },
    /** What to answer instead of the request, or null when it may pass. */
    refuse(request: IncomingMessage): Response | null {
      const { host = '', origin, cookie: cookies = '', 'sec-fetch-site': from, 'sec-fetch-mode': mode } = request.headers;
      if (!ourHost.test(host)) return refused('this address is not Understudy’s own');
      const given = tokenOf(addressOf(request));
      if (given !== null) {
        if (!isRight(given)) return refused('the token in the address is not the one of this server');
        const setCookie = `${cookie}=${session}; HttpOnly; SameSite=Strict; Path=/`;
        return new Response(null, { status: 303, headers: { Location: '/', 'Set-Cookie': setCookie, 'Cache-Control': 'no-store' } });
      }
      if (origin !== undefined && origin !== `http://${host}`) return refused('it came from another page');
      if (from !== undefined && from !== 'same-origin' && from !== 'none' && mode !== 'navigate')
        return refused('it came from another site');
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      if (!isRead && origin === undefined) return refused('it does not say which page it came from');
      if (!same(cookieOf(cookies, cookie), session)) return refused('this browser has not been let in');
      return null;
    },
  };
}

const refused = (why: string) =>
  new Response(`Refused: ${why}. Open the address that Understudy printed in its terminal.\n`, {
    status: 403,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' },
  });

const tokenOf = ({ pathname, searchParams }: URL): string | null => (pathname === '/' ? searchParams.get('token') : null);

const cookieOf = (header: string, name: string): string =>
  header
    .split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(`${name}=`))
    ?.slice(name.length + 1) ?? '';

/** Compares in a time that does not tell how much of it was right. */
const same = (given: string, expected: string): boolean => timingSafeEqual(digest(given), digest(expected));
const digest = (text: string) => createHash('sha256').update(text).digest();
