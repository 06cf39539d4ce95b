import { basename, dirname, join } from 'node:path';
import { app, dialog } from 'electron';
import { errorText } from '../messages/errors.ts';
import { systemClock } from '../shared/clock.ts';
import { asKeywardError, setErrorWords } from '../shared/errors.ts';
import { resolveHome } from './api/index.ts';
import { makeFolder, readSmallFile } from './disk/tree.ts';
import { tightenUmask } from './disk/umask.ts';
import { bridgeHandlers } from './ipc/handlers.ts';
import { Handles } from './ipc/handles.ts';
import { VaultHolder } from './ipc/holder.ts';
import { Jobs } from './ipc/jobs.ts';
import { Papers } from './ipc/papers.ts';
import { registerBridge } from './ipc/registrar.ts';
import { Works } from './ipc/works.ts';
import { registerScheme, servePage } from './shell/app-protocol.ts';
import { Appearance } from './shell/appearance.ts';
import { startAutoLock } from './shell/auto-lock.ts';
import { confirmClose } from './shell/dialogs.ts';
import { confinePages, lockedSession } from './shell/lockdown.ts';
import { setMenu } from './shell/menu.ts';
import { PaperWindows } from './shell/paper-windows.ts';
import { PAGE } from './shell/preferences.ts';
import { quitInOrder } from './shell/quit.ts';
import { SecretClipboard } from './shell/secret-clipboard.ts';
import { PageWindow } from './shell/window.ts';
import { vaultPorts } from './vault-ports.ts';
import { windowDesktop } from './window-desktop.ts';
import { pathFacts, themeStore } from './window-files.ts';

/*
 * The composition root of the desktop app: it builds the rooms' objects and ties them together.
 */

/** No file of the page is larger. */
const MAX_BUNDLED = 16 * 1024 * 1024;

const page = join(import.meta.dirname, '../renderer');
const home = chosenHome();
const own = join(home, 'window');

setErrorWords((body) => errorText(body));
tightenUmask();
// Without a listener Node would open its inspector, through which anyone on this machine could read the keys.
process.on('SIGUSR1', () => undefined);
app.enableSandbox();
registerScheme();
confinePages();
app.setPath('userData', own);
if (app.requestSingleInstanceLock()) app.whenReady().then(start).catch(failed);
else app.quit();

async function start(): Promise<void> {
  await makeFolder(own);
  const appearance = new Appearance(themeStore(join(own, 'appearance')));
  await appearance.load();

  const ports = vaultPorts(home, () => process.exit(1));
  const holder = new VaultHolder(ports, systemClock);
  const handles = new Handles({
    facts: pathFacts,
    split: (path) => ({ folder: dirname(path), name: basename(path) }),
  });
  const window = new PageWindow(join(import.meta.dirname, '../preload/index.cjs'), () => app.quit());
  const jobs = new Jobs({
    call: (method, input) => holder.call(method, input),
    handles,
    tell: (job) => window.tell({ type: 'job', job }),
  });
  holder.onJob = (facts) => jobs.note(facts);
  const [papers, printer, clipboard] = [new Papers(), new PaperWindows(), new SecretClipboard()];
  const desktop = windowDesktop({ window, home, appearance, printer, clipboard });
  const lock = () => holder.lock();
  let quitting = false;
  holder.onLocked = () => {
    jobs.end();
    handles.clear();
    papers.clear();
    printer.closeAll();
    clipboard.clear();
    if (!quitting) window.replace();
  };
  registerBridge(
    bridgeHandlers({
      ...{ holder, jobs, handles, desktop, papers, pages: ports.pages },
      works: new Works((event) => window.tell(event)),
      ...{ inspect: ports.inspect, backups: ports.backups, passphrases: ports.passphrases },
    }),
    { contents: () => window.contents, protocol: PAGE.protocol, host: PAGE.host },
    (error) => console.error(error),
  );
  servePage(lockedSession(), JSON.parse((await bundled('names.json')).toString('utf8')), bundled);
  setMenu(lock);
  startAutoLock({
    opened: () => holder.opened(),
    mayLock: () => holder.mayLockItself,
    idle: () => holder.idle,
    running: () => jobs.running,
    whenQuiet: () => jobs.whenQuiet(),
    lock,
  });
  quitInOrder({
    may: async () => jobs.running === 0 || confirmClose(window.window, jobs.running),
    lock: async () => {
      quitting = true;
      await clipboard.clear();
      await holder.end();
    },
    closeWindow: () => window.destroy(),
  });
  app.on('second-instance', () => window.open());
  window.open();
}

function chosenHome(): string {
  try {
    return resolveHome(process.env);
  } catch (error) {
    failed(error);
  }
}

function failed(error: unknown): never {
  dialog.showErrorBox('Keyward can\u2019t start', errorText(asKeywardError(error), 'window'));
  process.exit(1);
}

function bundled(name: string): Promise<Buffer> {
  return readSmallFile(join(page, name), MAX_BUNDLED);
}
