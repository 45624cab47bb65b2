/** Announcements as server-sent events, one thinned stream per open page. */
import type { ServerResponse } from 'node:http';
import type { Served } from './loopback';
import { securityHeaders } from './security';
import { thin } from './thin';

/** Silence longer than this makes tunnels and sleeping laptops drop a connection unnoticed. */
const keepAliveMs = 15_000;
/** A page that does not read is cut off; it reconnects and asks for everything again. */
const patienceBytes = 4 << 20;

export function eventStreams(listen: Served['listen']) {
  const open = new Set<ServerResponse>();
  return {
    open(outgoing: ServerResponse): void {
      outgoing.writeHead(200, { ...securityHeaders, 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      outgoing.write('retry: 1000\n\n');
      const send = (text: string) => {
        if (outgoing.writableLength > patienceBytes) outgoing.destroy();
        else outgoing.write(text);
      };
      const thinned = thin((announcement) => send(`data: ${JSON.stringify(announcement)}\n\n`));
      const deafen = listen(thinned.hear);
      const keepAlive = setInterval(() => send(': still here\n\n'), keepAliveMs);
      open.add(outgoing);
      outgoing.once('close', () => {
        open.delete(outgoing);
        clearInterval(keepAlive);
        deafen();
        thinned.stop();
      });
    },
    close(): void {
      for (const outgoing of open) outgoing.end();
    },
  };
}
