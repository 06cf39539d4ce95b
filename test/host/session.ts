import type { Session } from 'electron';
import { ELECTRON_SURFACE } from '../../src/main/shell/electron-surface.ts';
import type { Cdp, Protocol } from './cdp.ts';
import { eventsOf, HostEmitter, preventable } from './emitter.ts';
import { engine } from './engine.ts';
import { fromEngine } from './urls.ts';

type Handler = (request: Request) => Response | Promise<Response>;
type BeforeRequest = Parameters<Session['webRequest']['onBeforeRequest']>[0];
type ResourceType = Electron.OnBeforeRequestListenerDetails['resourceType'];

const RESOURCES: { readonly [type: string]: ResourceType } = {
  Stylesheet: 'stylesheet',
  Script: 'script',
  Image: 'image',
  Font: 'font',
  XHR: 'xhr',
  Fetch: 'xhr',
  Ping: 'ping',
  CSPViolationReport: 'cspReport',
  Media: 'media',
};
const privileged = new Set<string>();
let ready = false;
let requests = 0;
void engine.then(() => {
  ready = true;
});

/** `protocol` of the module: schemes are told before the app is ready. */
export const protocol = {
  registerSchemesAsPrivileged(schemes: Electron.CustomScheme[]): void {
    if (ready) {
      throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
    }
    for (const { scheme, privileges } of schemes) {
      if (privileges?.standard !== true || privileges.secure !== true) {
        throw new Error(`The host shows only standard and secure schemes: ${scheme}`);
      }
      privileged.add(scheme);
    }
  },
};

/** The schemes that were registered. */
export const schemes: ReadonlySet<string> = privileged;

/** One partition: a browser context of its own, its protocol handlers and what main decides about it. */
export class HostSession extends HostEmitter {
  /** What main installed that this host only records, for tests. */
  readonly recorded: {
    permissionRequest?: Parameters<Session['setPermissionRequestHandler']>[0];
    permissionCheck?: Parameters<Session['setPermissionCheckHandler']>[0];
    devicePermission?: Parameters<Session['setDevicePermissionHandler']>[0];
  } = {};
  /** Every request that no handler answered and that would have left the machine; for tests. */
  readonly outside: string[] = [];
  readonly #handlers = new Map<string, Handler>();
  #beforeRequest: BeforeRequest = null;
  #context: Promise<string> | undefined;

  constructor() {
    super('session', eventsOf(ELECTRON_SURFACE['session.fromPartition()']));
  }

  readonly protocol = {
    handle: (scheme: string, handler: Handler): void => {
      if (!privileged.has(scheme)) throw new Error(`The host shows only registered schemes: ${scheme}`);
      if (this.#handlers.has(scheme)) throw new Error(`Failed to register protocol: ${scheme}`);
      this.#handlers.set(scheme, handler);
    },
  };

  readonly webRequest = {
    onBeforeRequest: (...args: [unknown, BeforeRequest] | [BeforeRequest]): void => {
      const listener = args.length === 1 ? args[0] : args[1];
      if (args.length === 2) throw new Error('The host offers webRequest.onBeforeRequest without a filter');
      this.#beforeRequest = listener;
    },
  };

  setPermissionRequestHandler(handler: Parameters<Session['setPermissionRequestHandler']>[0]): void {
    this.recorded.permissionRequest = handler;
  }

  setPermissionCheckHandler(handler: Parameters<Session['setPermissionCheckHandler']>[0]): void {
    this.recorded.permissionCheck = handler;
  }

  setDevicePermissionHandler(handler: Parameters<Session['setDevicePermissionHandler']>[0]): void {
    this.recorded.devicePermission = handler;
  }

  /** Chromium's own id of this partition, made at first use; downloads in it are refused and reported. */
  context(): Promise<string> {
    this.#context ??= engine.then(async ({ cdp }) => {
      const { browserContextId } = await cdp.send('Target.createBrowserContext', { disposeOnDetach: true });
      await cdp.send('Browser.setDownloadBehavior', {
        behavior: 'deny',
        browserContextId,
        eventsEnabled: true,
      });
      return browserContextId;
    });
    return this.#context;
  }

  /** Tells main of a download that Chromium has refused. */
  download(url: string, filename: string, sender: object): void {
    this.emit(
      'will-download',
      preventable({}),
      { getURL: () => fromEngine(url), getFilename: () => filename },
      sender,
    );
  }

  /** Answers a request that Chromium holds: main may cancel it, a protocol handler answers it, or it fails. */
  async answer(
    cdp: Cdp,
    sessionId: string,
    event: Protocol.Fetch.requestPausedPayload,
    mainFrame: boolean,
  ): Promise<void> {
    const { requestId, request, resourceType } = event;
    const fail = (errorReason: Protocol.Network.ErrorReason) =>
      cdp.send('Fetch.failRequest', { requestId, errorReason }, sessionId);
    const url = fromEngine(request.url);
    const document = mainFrame ? 'mainFrame' : 'subFrame';
    const type = resourceType === 'Document' ? document : (RESOURCES[resourceType] ?? 'other');
    if (await this.#cancelled(url, request.method, type)) return void (await fail('BlockedByClient'));
    const handler = this.#handlers.get(url.slice(0, url.indexOf(':')));
    if (handler === undefined) {
      this.outside.push(url);
      return void (await fail('InternetDisconnected'));
    }
    let response: Response;
    let body: Buffer;
    try {
      const given = request.postData === undefined ? {} : { body: request.postData };
      response = await handler(
        new Request(url, { method: request.method, headers: request.headers, ...given }),
      );
      body = Buffer.from(await response.arrayBuffer());
    } catch (error) {
      process.emitWarning(`protocol handler for ${url}: ${String(error)}`);
      return void (await fail('Failed'));
    }
    if (response.type === 'error') return void (await fail('Failed'));
    await cdp.send(
      'Fetch.fulfillRequest',
      {
        requestId,
        responseCode: response.status,
        responseHeaders: [...response.headers].map(([name, value]) => ({ name, value })),
        body: body.toString('base64'),
      },
      sessionId,
    );
  }

  #cancelled(url: string, method: string, resourceType: ResourceType): Promise<boolean> {
    const listener = this.#beforeRequest;
    if (listener === null || listener === undefined) return Promise.resolve(false);
    const details = {
      id: ++requests,
      url,
      method,
      resourceType,
      referrer: '',
      timestamp: Date.now(),
      uploadData: [],
    };
    return new Promise((resolve) => listener(details, ({ cancel }) => resolve(cancel === true)));
  }
}

const partitions = new Map<string, HostSession>();

/** `session` of the module. Partitions live in memory: Keyward uses no other kind. */
export const session = {
  fromPartition(name: string): HostSession {
    if (name.startsWith('persist:')) throw new Error(`The host offers partitions in memory only: ${name}`);
    let found = partitions.get(name);
    if (found === undefined) {
      found = new HostSession();
      partitions.set(name, found);
    }
    return found;
  },
};
