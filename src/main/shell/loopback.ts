/** The loopback door: the workbench on 127.0.0.1 for a browser, behind a token. For machines without Electron, remote workstations, and tests. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Announcement } from '../../shared/events';
import { admission } from './admission';
import { eventStreams } from './eventStreams';
import { answerWith, readRequest, TooLarge } from './http';
import { pages } from './pages';
import { secured } from './security';

/** What the door opens on. */
export interface Served {
  handle(request: Request): Promise<Response>;
  listen(hear: (announcement: Announcement) => void): () => void;
}

export interface Loopback {
  /** Where a person goes: the address with the token in it. */
  url: string;
  /** The same for one use, to hand to another program. */
  urlForOnce(): string;
  /** Finishes what is being answered, ends the event streams, frees the port. */
  close(): Promise<void>;
}

export interface LoopbackOptions {
  /** Folder of the built page. */
  renderer: string;
  /** 0 takes any free port. */
  port?: number;
  /** Told whole about every bug; the page only gets an apology. */
  report?: (bug: unknown) => void;
}

/** @throws the operating system's own error when the port is taken. */
export async function serveLoopback(workbench: Served, { renderer, port = 0, report = console.error }: LoopbackOptions): Promise<Loopback> {
  const page = pages(renderer);
  const streams = eventStreams(workbench.listen);
  let admit: ReturnType<typeof admission>;

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<Response | 'streaming'> {
    const refusal = admit.refuse(incoming);
    if (refusal) return refusal;
    const request = await readRequest(incoming);
    const { pathname } = new URL(request.url);
    if (pathname === '/events') {
      if (request.method !== 'GET') return new Response(null, { status: 405, headers: { Allow: 'GET' } });
      streams.open(outgoing);
      return 'streaming';
    }
    return page(request) ?? workbench.handle(request);
  }

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    let response: Response | 'streaming';
    try {
      response = await answer(incoming, outgoing);
    } catch (error) {
      if (error instanceof TooLarge) response = new Response(error.message, { status: 413, headers: { Connection: 'close' } });
      else {
        report(error);
        response = new Response('Understudy could not answer because of an error of its own. The terminal shows what happened.', {
          status: 500,
        });
      }
    }
    if (response !== 'streaming') await answerWith(outgoing, secured(response), report);
  }

  const server = createServer({ headersTimeout: 10_000, requestTimeout: 60_000 }, (incoming, outgoing) => void serve(incoming, outgoing));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  const taken = (server.address() as AddressInfo).port;
  admit = admission(taken);

  return {
    url: `http://127.0.0.1:${taken}/?token=${admit.token}`,
    urlForOnce: () => `http://127.0.0.1:${taken}/?token=${admit.ticket()}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      streams.close();
      server.closeIdleConnections();
      const impatience = setTimeout(() => server.closeAllConnections(), 2_000);
      await closed;
      clearTimeout(impatience);
    },
  };
}
