/** Serves the viewer's page with its studies on a free port of 127.0.0.1. */
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { createServer } from 'vite';
import { makeStudy } from './studies';

export interface Harness {
  readonly address: string;
  /** Every stored file by its hash; delete one to see how the page takes it. */
  readonly files: Map<string, Uint8Array>;
  close(): Promise<void>;
}

export async function serveViewer(): Promise<Harness> {
  const files = new Map<string, Uint8Array>();
  const studies = new Map<string, string>();
  const server = await createServer({
    configFile: false,
    root: import.meta.dirname,
    cacheDir: join(tmpdir(), `understudy-viewer-${process.pid}`),
    logLevel: 'error',
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null, fs: { strict: false } },
    worker: { format: 'es' },
    plugins: [
      react(),
      {
        name: 'studies',
        configureServer({ middlewares }) {
          middlewares.use('/study/', (request, response) => {
            const name = request.url!.slice(1);
            if (!studies.has(name)) studies.set(name, JSON.stringify(makeStudy(name, files)));
            response.setHeader('content-type', 'application/json');
            response.end(studies.get(name));
          });
          middlewares.use('/keep/', async (request, response) => {
            const parts: Buffer[] = [];
            for await (const part of request) parts.push(part as Buffer);
            files.set(request.url!.slice(1), Buffer.concat(parts));
            response.end();
          });
          middlewares.use('/bytes/', (request, response) => {
            const bytes = files.get(request.url!.slice(1));
            const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
            response.statusCode = bytes ? (range ? 206 : 200) : 404;
            const body = bytes && range ? bytes.subarray(Number(range[1]), Number(range[2]) + 1) : bytes;
            response.setHeader('content-length', body?.byteLength ?? 0);
            response.end(body);
          });
        },
      },
    ],
  });
  await server.listen();
  const { port } = server.httpServer!.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}`, files, close: () => server.close() };
}
