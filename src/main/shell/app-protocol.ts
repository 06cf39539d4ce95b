import { protocol, type Session } from 'electron';
import { PAGE } from './preferences.ts';

/** What the page may do: run its own files, and nothing else. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const TYPES: ReadonlyMap<string, string> = new Map([
  ['html', 'text/html; charset=utf-8'],
  ['js', 'text/javascript; charset=utf-8'],
  ['css', 'text/css; charset=utf-8'],
  ['svg', 'image/svg+xml'],
  ['png', 'image/png'],
  ['woff2', 'font/woff2'],
]);

/** Reads one of the built page's files by its name in the manifest. */
export type ReadBundled = (name: string) => Promise<Uint8Array>;

/** Makes `app:` a scheme like https; before the app is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges: { standard: true, secure: true } }]);
}

/** Serves the page's files to its session. */
export function servePage(session: Session, names: readonly string[], read: ReadBundled): void {
  const respond = pageResponder(names, read);
  session.protocol.handle('app', (request) => respond(request));
}

/**
 * Answers requests for `app://bundle/`. Only names that the build wrote down exist, compared as they stand:
 * no path is ever put together from an address.
 */
export function pageResponder(
  names: readonly string[],
  read: ReadBundled,
): (request: { readonly url: string; readonly method: string }) => Promise<Response> {
  const addresses = new Map(names.map((name) => [`/${name}`, name]));
  addresses.set('/', 'index.html');
  return async ({ url, method }) => {
    const address = URL.parse(url);
    const ours = address?.protocol === PAGE.protocol && address.host === PAGE.host;
    const name = ours && method === 'GET' ? addresses.get(address.pathname) : undefined;
    const type = TYPES.get(name?.split('.').at(-1) ?? '');
    if (name === undefined || type === undefined)
      return new Response(null, { status: 404, headers: headers() });
    return new Response(new Uint8Array(await read(name)), {
      headers: { ...headers(), 'Content-Type': type },
    });
  };
}

function headers(): { [name: string]: string } {
  return {
    'Content-Security-Policy': CONTENT_SECURITY_POLICY,
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
  };
}
