/*
 * Chromium outside Electron knows no schemes but its own. A page of `app://bundle/x` is shown as
 * `https://bundle.app.keyward-host.invalid/x`: standard and secure, as Electron is told to treat `app`. Main
 * sees the names it knows.
 */
const SUFFIX = '.keyward-host.invalid';

/** What Chromium is told in place of a URL of one of `schemes`; other URLs pass unchanged. */
export function toEngine(url: string, schemes: Iterable<string>): string {
  for (const scheme of schemes) {
    const prefix = `${scheme}://`;
    if (!url.startsWith(prefix)) continue;
    const rest = url.slice(prefix.length);
    const end = rest.search(/[/?#]|$/);
    return `https://${rest.slice(0, end)}.${scheme}${SUFFIX}${rest.slice(end) || '/'}`;
  }
  return url;
}

/** The URL as main knows it. */
export function fromEngine(url: string): string {
  return url.replace(/^https:\/\/([^/?#]+)\.([a-z][a-z0-9+-]*)\.keyward-host\.invalid(?=[/?#]|$)/, '$2://$1');
}
