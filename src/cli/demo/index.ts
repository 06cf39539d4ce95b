import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { initVault } from '../../main/api/init.ts';
import { newToken } from '../../main/api/new-token.ts';
import { openSession } from '../../main/api/open-session.ts';
import { exists } from '../../main/disk/exists.ts';
import { listFolder, makeFolder, removeTree, writeNewFile } from '../../main/disk/tree.ts';
import { claimHome } from '../../main/home/claim.ts';
import { hasVault } from '../../main/home/paths.ts';
import { THROW_AWAY_PASSPHRASE } from '../../main/home/throw-away.ts';
import { fail, isKeywardError } from '../../shared/errors.ts';
import type { Console } from '../console.ts';
import { makeSampleFiles } from '../sample-data/sample-files.ts';
import { allDone, type Calls, callsOf } from '../sample-data/session-calls.ts';
import { shellWord } from '../text/shell-word.ts';
import { damageByte } from '../tour/checks.ts';
import { type DemoEvent, demoScript, KEYS, MONTHS } from './script.ts';

const DAY = 86_400_000;

/** What a demo is made of. `now` is where its life ends, for pictures that look the same every time. */
export type DemoOptions = { readonly console: Console; readonly home?: string; readonly now?: number };

/**
 * Makes a lived-in vault at `home`, or in a new temporary folder, by real operations under a clock of its own: six keys, fourteen months of
 * rotations, 214 files in `<home>-files`, a denial and a damaged file. Throws `VaultExists` or `TargetExists`
 * if there is something already.
 */
export async function runDemo({ console, now = Date.now(), ...options }: DemoOptions): Promise<void> {
  const home = options.home ?? join(tmpdir(), `kw-${newToken().slice(0, 6)}`, 'demo');
  if (options.home === undefined) console.note(`It is made below ${console.path(dirname(home))}`);
  const folder = `${home.replace(/\/+$/, '')}-files`;
  await requireEmpty(home, folder);
  const events = demoScript(now);
  const clock = { now: () => time };
  let time = (events[0]?.at ?? now) - 7_200_000;
  const claim = await claimHome(home);
  if (claim === undefined) throw fail('folder-in-use', { home });
  const drafts = join(home, 'drafts');
  try {
    const passphrase = Buffer.from(newToken());
    const { phrase } = await initVault(claim, { throwAway: true, passphrase, keychain: false, clock });
    await writeNewFile(join(home, THROW_AWAY_PASSPHRASE), passphrase);
    const credential = { kind: 'recovery-phrase', phrase } as const;
    const sample = { folder, drafts };
    await console.withProgress(async (tell) => {
      for (const [index, day] of daysOf(events).entries()) {
        time = day[0]?.at ?? time;
        const session = await openSession(claim, { credential, kind: 'window', clock });
        try {
          for (const event of day) {
            time = event.at;
            await play(event, callsOf(session, console.signal, 'window'), sample);
            if (console.signal.aborted) throw fail('demo-cancelled');
          }
          tell({ done: index + 1, total: MONTHS + 1, file: index + 1, files: MONTHS + 1, source: home });
        } finally {
          await session.close();
        }
      }
      time = now - DAY / 2;
      const session = await openSession(claim, { credential, kind: 'window', clock });
      try {
        await mishaps(callsOf(session, console.signal, 'window'), sample);
      } finally {
        await session.close();
      }
    });
  } finally {
    await removeTree(drafts);
    await claim.release();
  }
  const files = events.filter((event) => event.do === 'encrypt').length;
  console.document({ home, folder, keys: KEYS.length, files, months: MONTHS });
  console.say(
    `A vault with ${KEYS.length} keys and ${files} files over ${MONTHS} months is at ${console.path(home)}`,
  );
  console.say(
    `Its files are in ${console.path(folder)}. It is made to be thrown away: it needs no passphrase.`,
  );
  console.say();
  console.say(`Next: KEYWARD_HOME=${shellWord(home)} keyward keys list`);
}

type Sample = { readonly folder: string; readonly drafts: string };

async function play(event: DemoEvent, call: Calls, { folder, drafts }: Sample): Promise<void> {
  const { alias, description } = event.key;
  if (event.do === 'encrypt') {
    const { paper } = event;
    await makeSampleFiles(drafts, [paper], event.at % 100_003);
    const out = join(folder, event.key.folder);
    await makeFolder(out);
    const source = join(drafts, paper.path);
    const context: Record<string, string> =
      alias === 'alias/clients' ? { matter: `M-${1 + (event.at % 9)}` } : {};
    const job = { sources: [source], out, key: alias, context, overwrite: false, each: false };
    allDone((await call('files.encrypt', job)).results);
    await removeTree(source);
  } else if (event.do === 'create') await call('keys.create', { alias, description });
  else if (event.do === 'rotate') await call('keys.rotate', { key: alias });
  else await call('keys.disable', { key: alias });
}

/** A file refused because its key is disabled, and one that was damaged, noticed by verifying. */
async function mishaps(call: Calls, { folder, drafts }: Sample): Promise<void> {
  await makeSampleFiles(
    drafts,
    [{ path: 'Late entry.pdf', bytes: 20_000, modified: Date.UTC(2026, 0, 5) }],
    7,
  );
  const [refused] = (
    await call('files.encrypt', {
      sources: [join(drafts, 'Late entry.pdf')],
      out: `${folder}/`,
      key: 'alias/old-practice',
      overwrite: false,
      each: false,
    })
  ).results;
  const damaged = join(folder, 'Clients', 'Exhibit 02.docx.keyward');
  await damageByte(damaged, 8_192 + 500);
  const [broken] = (await call('files.verify', { sources: [damaged], each: false })).results;
  if (refused?.error?.code !== 'DisabledException' || broken?.error?.code !== 'FileDamaged') {
    throw fail(
      'demo-went-wrong',
      {},
      {
        refused: refused?.error?.code ?? null,
        broken: broken?.error?.code ?? null,
      },
    );
  }
}

/** The events by the month they fall in: one unlocking each. */
function daysOf(events: readonly DemoEvent[]): DemoEvent[][] {
  const first = events[0]?.at ?? 0;
  const days: DemoEvent[][] = Array.from({ length: MONTHS + 1 }, () => []);
  for (const event of events)
    days[Math.min(MONTHS, Math.floor((event.at - first) / (30 * DAY)))]?.push(event);
  return days.filter((day) => day.length > 0);
}

async function requireEmpty(home: string, folder: string): Promise<void> {
  if (hasVault(home)) {
    throw fail('vault-exists', { home });
  }
  for (const path of [home, folder]) {
    try {
      if (!exists(path) || (await listFolder(path)).length === 0) continue;
    } catch (error) {
      if (!isKeywardError(error)) throw error;
    }
    throw fail('demo-folder-not-empty', { path });
  }
}
