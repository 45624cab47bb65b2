/** The built page and its assets. Only files found at the start are ever served, so no address can reach anything else. */
import { readdirSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { fileResponse } from './fileResponse';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/** Serves the files below `folder`; `/` is `index.html`. The answer is null when the address names none of them. */
export function pages(folder: string): (request: Request) => Response | null {
  const files = new Map<string, { path: string; size: number }>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(`/${relative(folder, path).replaceAll(sep, '/')}`, { path, size: statSync(path).size });
  }
  return (request) => {
    const { pathname } = new URL(request.url);
    const name = pathname === '/' ? '/index.html' : pathname;
    const file = files.get(name);
    if (!file) return null;
    if (request.method !== 'GET' && request.method !== 'HEAD') return new Response(null, { status: 405, headers: { Allow: 'GET, HEAD' } });
    return fileResponse(request, file.path, file.size, {
      'Content-Type': types[extname(name)] ?? 'application/octet-stream',
      // Assets carry a hash of their content in the name; the page itself must be fresh after an update.
      'Cache-Control': name.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-cache',
    });
  };
}
