/** Where the page's session keeps its state: in memory, gone with the process. */
export const PARTITION = 'keyward-window';

/** The page's address. Compare protocol and host, never `origin`: that of `app:` is the text "null". */
export const PAGE = { protocol: 'app:', host: 'bundle', url: 'app://bundle/index.html' } as const;

/** Documents that are printed: a session and an address of their own, so that neither reaches the page nor is reached by it. */
export const PAPER = { partition: 'keyward-paper', protocol: 'app:', host: 'paper' } as const;

/** The one set of switches for the page's process; only the preload's path is added. */
export const WEB_PREFERENCES = Object.freeze({
  partition: PARTITION,
  contextIsolation: true,
  sandbox: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  plugins: false,
  safeDialogs: true,
  disableDialogs: true,
  spellcheck: false,
} as const);
