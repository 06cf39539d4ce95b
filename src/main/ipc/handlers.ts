import { type GivenFile, PASSED_ON, type PassedOn } from '../../shared/bridge.ts';
import { fail } from '../../shared/errors.ts';
import { backupBridge } from './backup-bridge.ts';
import type { Desktop } from './desktop.ts';
import { givenShares } from './given-shares.ts';
import type { Handles } from './handles.ts';
import type { VaultHolder } from './holder.ts';
import type { Jobs } from './jobs.ts';
import { keyBridge } from './key-bridge.ts';
import type { Papers } from './papers.ts';
import { recoveryBridge } from './recovery-bridge.ts';
import type { Handlers } from './registrar.ts';
import { repairBridge } from './repair-bridge.ts';
import type { HomeClaim, PaperPorts, PassphrasePorts, VaultPorts } from './session.ts';
import { waysBridge } from './ways-bridge.ts';
import type { Works } from './works.ts';

/** What the handlers work with. */
type HandlerDeps<C extends HomeClaim> = {
  readonly holder: VaultHolder<C>;
  readonly jobs: Jobs;
  readonly handles: Handles;
  readonly desktop: Desktop;
  readonly inspect: VaultPorts<C>['inspect'];
  readonly backups: VaultPorts<C>['backups'];
  readonly passphrases: PassphrasePorts;
  readonly papers: Papers;
  readonly works: Works;
  readonly pages: PaperPorts;
};

/** How many log entries about one file are returned at a time. */
const LINES = 20;

/** The bridge's methods. */
export function bridgeHandlers<C extends HomeClaim>(deps: HandlerDeps<C>): Handlers {
  const { holder, jobs, handles, desktop, works } = deps;
  return {
    ...passedOn(holder),
    'vault.status': () => holder.status(),
    'vault.init': async ({ passphrase, keychain }) => {
      const made = await holder.init(passphrase, keychain);
      desktop.secretShown(true);
      return made;
    },
    'vault.unlock': async (how) => {
      if (how.kind !== 'shares') return holder.unlock(how);
      const { kind, putBackRead, withoutAudit } = how;
      return holder.unlock({
        kind,
        shares: await givenShares(how, handles, desktop),
        putBackRead,
        withoutAudit,
      });
    },
    'vault.lock': async () => {
      await holder.lock();
      return { locked: true };
    },
    'vault.stepUp': (how) => holder.stepUp(how),
    'vault.changePassphrase': ({ shown, passphrase }) => holder.changePassphrase(shown, passphrase),
    'passphrase.strength': ({ passphrase }) =>
      deps.passphrases.strength(passphrase).finally(() => passphrase.fill(0)),
    'passphrase.generate': () => ({ passphrase: deps.passphrases.generate() }),
    'vault.takeOver': () => holder.takeOver(),
    'vault.showHome': () => {
      desktop.showHome();
      return {};
    },
    ...backupBridge(deps),
    ...recoveryBridge(deps),
    ...repairBridge(holder, handles, works),
    ...waysBridge(deps),
    'health.check': (input) =>
      input.full
        ? works.run('health', (how) => holder.call('health.check', input, how))
        : holder.call('health.check', input),
    'work.cancel': ({ work }) => {
      works.cancel(work);
      return {};
    },
    'partials.forget': async (input) => {
      await holder.call('partials.forget', input);
      return holder.status();
    },
    ...keyBridge(holder, desktop, handles),
    'endpoint.start': ({ port }) => holder.startEndpoint(port),
    'endpoint.stop': () => holder.stopEndpoint(),
    'audit.list': (input) => holder.call('audit.list', input),
    'files.choose': async ({ what }) => ({ files: await handles.give(await desktop.choose(what)) }),
    'files.chooseTarget': async () => {
      const [folder = null] = await handles.give(await desktop.choose('target'), 'target');
      return { folder };
    },
    'files.inspect': async ({ file }) => {
      const path = handles.path(file);
      const facts = await deps.inspect(path);
      const [given] = await handles.give([path]);
      return { file: known(given), facts };
    },
    'files.log': async ({ file, messageId, before }) => {
      const path = handles.path(file);
      if (!holder.unlocked) return { entries: [] };
      const about = { limit: LINES, file: { path, messageId } };
      return holder.call('audit.list', before === undefined ? about : { ...about, before });
    },
    'files.show': ({ file }) => {
      desktop.show(handles.path(file));
      return {};
    },
    'jobs.start': ({ kind, files, key, to, overwrite }) => {
      if (!holder.unlocked) throw fail('unlock-first');
      const paths = files.map((id) => handles.path(id));
      return jobs.start({
        kind,
        paths,
        key,
        to: to === undefined ? undefined : handles.path(to, 'target'),
        overwrite,
        several: files.length > 1 || files.some((id) => handles.isFolder(id)),
      });
    },
    'jobs.list': async () => ({ jobs: holder.unlocked ? await jobs.list() : [] }),
    'jobs.cancel': async ({ job }) => {
      await jobs.cancel(job);
      return {};
    },
    'jobs.clear': async () => ({ jobs: holder.unlocked ? await jobs.clear() : [] }),
    'window.secretShown': ({ shown }) => {
      desktop.secretShown(shown);
      return {};
    },
    'window.copySecret': async ({ secret }) => {
      await desktop.copySecret(secret).finally(() => secret.fill(0));
      return {};
    },
    'window.appearance': async ({ theme }) => ({ theme: await desktop.theme(theme) }),
    drop: async ({ paths, unnamed }) => ({ files: await handles.give(paths), unnamed }),
  };
}

/** What the page asks of the vault itself. */
function passedOn<C extends HomeClaim>(holder: VaultHolder<C>): Pick<Handlers, PassedOn> {
  const handlers = PASSED_ON.map((method) => [method, (input: never) => holder.call(method, input)]);
  return Object.fromEntries(handlers) as Pick<Handlers, PassedOn>;
}

function known(given: GivenFile | undefined): GivenFile {
  if (given === undefined) throw fail('file-no-longer-there');
  return given;
}
