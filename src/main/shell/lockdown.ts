import { type App, app, type Session, session, type WebContents } from 'electron';
import { PAGE, PARTITION } from './preferences.ts';

/** Whose session it is: where it is kept, and the only addresses that it may load. */
type Place = { readonly partition: string; readonly protocol: string; readonly host: string };

/** The page's session, with everything refused that a page could ask of the system or the network. */
export function lockedSession(place: Place = { partition: PARTITION, ...PAGE }): Session {
  const own = session.fromPartition(place.partition);
  own.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  own.setPermissionCheckHandler(() => false);
  own.setDevicePermissionHandler(() => false);
  own.on('will-download', (event) => event.preventDefault());
  own.webRequest.onBeforeRequest((request, decide) => decide({ cancel: !isOf(place, request.url) }));
  return own;
}

/** Holds every page that this process will ever make to its place: no leaving it, no windows, no webviews. */
export function confinePages(to: Pick<App, 'on'> = app): void {
  to.on('web-contents-created', (_event, contents) => confine(contents));
}

function confine(contents: WebContents): void {
  const refuse = (event: { preventDefault: () => void }) => event.preventDefault();
  contents.on('will-navigate', refuse);
  contents.on('will-frame-navigate', refuse);
  contents.on('will-redirect', refuse);
  contents.on('will-attach-webview', refuse);
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

/** Whether an address is one of a place's own. */
function isOf({ protocol, host }: Place, address: string): boolean {
  const url = URL.parse(address);
  return url?.protocol === protocol && url.host === host;
}
