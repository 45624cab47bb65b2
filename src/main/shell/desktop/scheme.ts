/** The scheme `app://understudy`: the page, its questions and its bytes, answered inside this process. No port is opened. */
import { protocol } from 'electron';
import { pages } from '../pages';
import { secured } from '../security';

export const origin = 'app://understudy';
/** True for addresses of our own page, and for nothing that merely begins like them. */
export const isOurs = (url: string): boolean => url === origin || url.startsWith(`${origin}/`);

/** Must run before the app is ready: only then can a scheme be given the rights of an ordinary secure origin. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true } },
  ]);
}

/** Answers every request of the page. A bug is reported whole and the page gets an apology. */
export function mount(
  handle: (request: Request) => Promise<Response>,
  renderer: string,
  report: (bug: unknown) => void = console.error,
): void {
  const page = pages(renderer);
  protocol.handle('app', async (request) => {
    if (!isOurs(request.url)) return new Response(null, { status: 404 });
    try {
      return secured(page(request) ?? (await handle(request)));
    } catch (bug) {
      report(bug);
      return secured(new Response('Understudy could not answer because of an error of its own.', { status: 500 }));
    }
  });
}
