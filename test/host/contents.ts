import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ELECTRON_SURFACE } from '../../src/main/shell/electron-surface.ts';
import type { Cdp, Protocol } from './cdp.ts';
import { eventsOf, HostEmitter, preventable } from './emitter.ts';
import { engine } from './engine.ts';
import { encodeArguments, HostFrame, invoke } from './ipc.ts';
import { type HostSession, schemes, session } from './session.ts';
import { nativeTheme } from './small.ts';
import { fromEngine, toEngine } from './urls.ts';
import { makeBridgeEnd } from './world/bridge.ts';
import { makeCodec } from './world/codec.ts';
import { isolatedWorld } from './world/isolated.ts';
import { mainWorld } from './world/main.ts';

const secret = () => `host-${randomBytes(12).toString('hex')}`;
type WindowOpenHandler = (details: { url: string; frameName: string }) => { action: 'allow' | 'deny' };

/** Width and height of paper, in inches. */
const PAPERS: { readonly [size: string]: readonly [number, number] } = {
  A4: [8.27, 11.69],
  Letter: [8.5, 11],
};

/** What a page needs from its window. */
export type ContentsOptions = {
  readonly width: number;
  readonly height: number;
  readonly preferences: Electron.WebPreferences;
};

/** The page of a window: a target of Chromium with a preload world, navigation rules and messages. */
export class HostContents extends HostEmitter {
  /** What pages asked to print, for tests. */
  static readonly printed: Electron.WebContentsPrintOptions[] = [];
  readonly mainFrame = new HostFrame('');
  readonly session: HostSession;
  readonly #world = secret();
  readonly #names = { secret: secret(), binding: secret(), inbox: secret() };
  readonly #frames = new Map<string, HostFrame>();
  /** Living contexts of the preload's world, to the frame each belongs to. */
  readonly #contexts = new Map<number, HostFrame>();
  readonly #attached: Promise<{ cdp: Cdp; sessionId: string; targetId: string }>;
  #mainContext: number | undefined;
  #expected: string | undefined;
  /** When the page itself last asked to navigate its main frame to an address, in ms since 1970. */
  readonly #requested = new Map<string, number>();
  #openHandler: WindowOpenHandler | undefined;
  #destroyed = false;
  /** For the window: the page has loaded; the target is gone. */
  loaded: () => void = () => undefined;
  gone: () => void = () => undefined;

  constructor(options: ContentsOptions) {
    super('webContents', eventsOf(ELECTRON_SURFACE.webContents));
    this.session = session.fromPartition(options.preferences.partition ?? '');
    this.#attached = this.#attach(options);
    this.#attached.catch((error) => {
      if (!this.#destroyed) throw error;
    });
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  send(channel: string, ...args: unknown[]): void {
    const text = encodeArguments(args);
    if (this.#mainContext !== undefined) void this.#call(this.#mainContext, 'deliver', [channel, text]);
  }

  setWindowOpenHandler(handler: WindowOpenHandler): void {
    this.#openHandler = handler;
  }

  /** Prints nothing: `printed` keeps what was asked for, and the answer is that of a printer that takes everything. */
  print(
    options: Electron.WebContentsPrintOptions,
    done: (success: boolean, failureReason: string) => void,
  ): void {
    HostContents.printed.push(options);
    setImmediate(() => done(true, ''));
  }

  /** What Chromium makes of the page, as a PDF. Margins are inches, as in Electron. */
  async printToPDF({ printBackground, pageSize, margins }: Electron.PrintToPDFOptions): Promise<Buffer> {
    const size = typeof pageSize === 'string' ? PAPERS[pageSize] : undefined;
    if (size === undefined) throw new Error(`The host prints on A4 and Letter only: ${String(pageSize)}`);
    const { top = 0.4, bottom = 0.4, left = 0.4, right = 0.4 } = margins ?? {};
    const { cdp, sessionId } = await this.#attached;
    const { data } = await cdp.send(
      'Page.printToPDF',
      {
        ...{ printBackground: printBackground ?? false, paperWidth: size[0], paperHeight: size[1] },
        ...{ marginTop: top, marginBottom: bottom, marginLeft: left, marginRight: right },
      },
      sessionId,
    );
    return Buffer.from(data, 'base64');
  }

  /** Loads a URL; resolves when the page has loaded, rejects as Electron does when it could not. */
  async load(url: string): Promise<void> {
    const { cdp, sessionId } = await this.#attached;
    const inner = toEngine(url, schemes);
    this.#expected = inner;
    const finished = new Promise<void>((resolve) => {
      const before = this.loaded;
      this.loaded = () => {
        this.loaded = before;
        before();
        resolve();
      };
    });
    const { errorText } = await cdp.send('Page.navigate', { url: inner }, sessionId);
    if (errorText !== undefined) throw new Error(`${errorText.replace('net::', '')} loading '${url}'`);
    await finished;
  }

  /** Closes the target. */
  async closeTarget(): Promise<void> {
    if (this.#destroyed) return;
    this.#destroyed = true;
    const { cdp, targetId } = await this.#attached;
    await cdp.send('Target.closeTarget', { targetId }).catch(() => undefined);
  }

  async #attach({ width, height, preferences }: ContentsOptions) {
    const { cdp } = await engine;
    const browserContextId = await this.session.context();
    const { targetId } = await cdp.send('Target.createTarget', {
      url: 'about:blank',
      browserContextId,
      width,
      height,
    });
    const { sessionId } = await cdp.send('Target.attachToTarget', { targetId, flatten: true });
    const mine = <E extends keyof Protocol.Events>(name: E, act: (event: Protocol.Events[E]) => void) =>
      cdp.on(name, (event, from) => {
        if (from === sessionId) act(event);
      });
    const send = <M extends keyof Protocol.CommandParameters>(
      method: M,
      params: Protocol.CommandParameters[M],
    ) => cdp.send(method, params, sessionId);
    const { frameTree } = await send('Page.getFrameTree', {});
    (this.mainFrame as { id: string }).id = frameTree.frame.id;
    this.#frames.set(frameTree.frame.id, this.mainFrame);

    mine('Page.frameAttached', ({ frameId, parentFrameId }) => {
      this.#frame(frameId).parent = this.#frame(parentFrameId);
    });
    mine('Page.frameNavigated', ({ frame }) => {
      this.#frame(frame.id).url = fromEngine(frame.url + (frame.urlFragment ?? ''));
    });
    mine('Page.navigatedWithinDocument', ({ frameId, url }) => {
      this.#frame(frameId).url = fromEngine(url);
    });
    mine('Page.frameRequestedNavigation', ({ frameId, url, disposition }) => {
      if (frameId === this.mainFrame.id && disposition === 'currentTab')
        this.#requested.set(url.replace(/#.*/s, ''), Date.now());
    });
    mine('Page.loadEventFired', () => this.loaded());
    mine('Page.windowOpen', ({ url, windowName }) => {
      const { action } = this.#openHandler?.({ url: fromEngine(url), frameName: windowName }) ?? {
        action: 'allow',
      };
      if (action !== 'deny') process.emitWarning(`The host opens no second window, but main allowed ${url}`);
    });
    mine('Runtime.executionContextCreated', ({ context }) => {
      const { frameId } = (context.auxData ?? {}) as { frameId?: string };
      if (context.name !== this.#world || frameId === undefined) return;
      this.#contexts.set(context.id, this.#frame(frameId));
      if (frameId === this.mainFrame.id) this.#mainContext = context.id;
    });
    mine('Runtime.executionContextDestroyed', ({ executionContextId }) => this.#forget(executionContextId));
    mine('Runtime.executionContextsCleared', () => {
      for (const id of [...this.#contexts.keys()]) this.#forget(id);
    });
    mine('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
      if (name === this.#names.binding) void this.#receive(executionContextId, payload);
    });
    mine('Debugger.paused', (event) => void this.#answerPath(cdp, sessionId, event));
    mine('Fetch.requestPaused', (event) => {
      this.#request(cdp, sessionId, event).catch(() => undefined);
    });
    mine('Inspector.targetCrashed', () => {
      this.#mainContext = undefined;
      this.emit('render-process-gone', preventable({}), { reason: 'crashed', exitCode: 5 });
    });
    const theme = () =>
      send('Emulation.setEmulatedMedia', {
        features: [
          { name: 'prefers-color-scheme', value: nativeTheme.shouldUseDarkColors ? 'dark' : 'light' },
        ],
      }).catch(() => undefined);
    cdp.on('Target.targetDestroyed', (event) => {
      if (event.targetId !== targetId) return;
      this.#destroyed = true;
      nativeTheme.followers.delete(theme);
      this.gone();
    });
    cdp.on('Browser.downloadWillBegin', ({ frameId, url, suggestedFilename }) => {
      if (this.#frames.has(frameId)) this.session.download(url, suggestedFilename, this);
    });
    nativeTheme.followers.add(theme);

    await Promise.all([
      send('Page.enable', {}),
      send('Inspector.enable', {}),
      send('Runtime.enable', {}),
      send('Debugger.enable', {}),
      send('Fetch.enable', { patterns: [{ urlPattern: '*' }] }),
      send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false }),
      send('Runtime.addBinding', { name: this.#names.binding, executionContextName: this.#world }),
      theme(),
    ]);
    await this.#addWorlds(send, preferences.preload);
    return { cdp, sessionId, targetId };
  }

  async #addWorlds(
    send: <M extends 'Page.addScriptToEvaluateOnNewDocument'>(
      method: M,
      params: Protocol.CommandParameters[M],
    ) => Promise<unknown>,
    preload: string | undefined,
  ): Promise<void> {
    if (preload === undefined) return;
    const { secret } = this.#names;
    const code = readFileSync(preload, 'utf8');
    const top = (text: string) => `if (window.top === window) {${text}\n}`;
    await send('Page.addScriptToEvaluateOnNewDocument', {
      source: top(`(${mainWorld})(${makeBridgeEnd}, ${JSON.stringify(secret)});`),
    });
    await send('Page.addScriptToEvaluateOnNewDocument', {
      worldName: this.#world,
      source: top(
        `(${isolatedWorld})(${makeBridgeEnd}, ${makeCodec}, ${JSON.stringify(this.#names)}, ` +
          `function (require, module, exports) {${code}\n});`,
      ),
    });
  }

  #frame(id: string): HostFrame {
    let frame = this.#frames.get(id);
    if (frame === undefined) {
      frame = new HostFrame(id);
      this.#frames.set(id, frame);
    }
    return frame;
  }

  #forget(context: number): void {
    this.#contexts.delete(context);
    if (this.#mainContext === context) this.#mainContext = undefined;
  }

  async #receive(context: number, payload: string): Promise<void> {
    const frame = this.#contexts.get(context);
    const { id, channel, text } = JSON.parse(payload) as { id: number; channel: string; text: string };
    const contexts = this.#contexts;
    const event = {
      type: 'frame' as const,
      sender: this,
      get senderFrame() {
        return frame !== undefined && contexts.has(context) ? frame : null;
      },
    };
    const answer = await invoke(event, channel, text);
    await this.#call(context, 'answer', [id, answer.ok, answer.text]);
  }

  async #call(context: number, method: string, args: readonly unknown[]): Promise<void> {
    const { cdp, sessionId } = await this.#attached;
    await cdp
      .send(
        'Runtime.callFunctionOn',
        {
          executionContextId: context,
          functionDeclaration: `function (...args) { globalThis[${JSON.stringify(this.#names.inbox)}].${method}(...args); }`,
          arguments: args.map((value) => ({ value })),
        },
        sessionId,
      )
      // The document is gone: nobody waits for this message any more.
      .catch(() => undefined);
  }

  /** The preload stopped in `getPathForFile`: asks Chromium where its file stands. */
  async #answerPath(
    cdp: Cdp,
    sessionId: string,
    { callFrames }: Protocol.Debugger.pausedPayload,
  ): Promise<void> {
    const frame = callFrames[0];
    try {
      if (frame?.functionName !== 'getPathForFile') return;
      const { callFrameId } = frame;
      const { result } = await cdp.send(
        'Debugger.evaluateOnCallFrame',
        { callFrameId, expression: 'file' },
        sessionId,
      );
      if (result.objectId === undefined) return;
      const { path } = await cdp.send('DOM.getFileInfo', { objectId: result.objectId }, sessionId);
      const expression = `answer.path = ${JSON.stringify(path)}`;
      await cdp.send('Debugger.evaluateOnCallFrame', { callFrameId, expression }, sessionId);
    } catch {
      // A file made by a script has no path: the answer stays empty.
    } finally {
      await cdp.send('Debugger.resume', {}, sessionId).catch(() => undefined);
    }
  }

  async #request(cdp: Cdp, sessionId: string, event: Protocol.Fetch.requestPausedPayload): Promise<void> {
    const { requestId, request, frameId, resourceType } = event;
    const mainFrame = frameId === this.mainFrame.id;
    if (resourceType === 'Document') {
      const own = mainFrame && request.url === this.#expected;
      if (own) this.#expected = undefined;
      else if ((!mainFrame || (await this.#askedByPage(event))) && this.#prevented(event, mainFrame)) {
        await cdp.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' }, sessionId);
        return;
      }
    }
    await this.session.answer(cdp, sessionId, event, mainFrame);
  }

  /**
   * False for what a test or the host navigates. Away from where the frame stands only a page goes: what the host
   * loads is expected by name. A reload may be a test's or the page's, and Chromium says of a page's own wish
   * shortly before or after.
   */
  async #askedByPage({
    request,
    redirectedRequestId,
  }: Protocol.Fetch.requestPausedPayload): Promise<boolean> {
    if (redirectedRequestId !== undefined) return true;
    const { url } = this.mainFrame;
    if (url !== '' && fromEngine(request.url) !== url.replace(/#.*/s, '')) return true;
    for (let tries = 0; tries < 10; tries++) {
      const when = this.#requested.get(request.url) ?? 0;
      this.#requested.delete(request.url);
      if (Date.now() - when < 500) return true;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return false;
  }

  #prevented(event: Protocol.Fetch.requestPausedPayload, mainFrame: boolean): boolean {
    const url = fromEngine(event.request.url);
    const details = preventable({
      url,
      isMainFrame: mainFrame,
      isSameDocument: false,
      frame: this.#frame(event.frameId),
    });
    if (event.redirectedRequestId !== undefined) this.emit('will-redirect', details, url, false, mainFrame);
    else {
      this.emit('will-frame-navigate', details);
      if (mainFrame && !details.defaultPrevented) this.emit('will-navigate', details, url, false, mainFrame);
    }
    return details.defaultPrevented;
  }
}
