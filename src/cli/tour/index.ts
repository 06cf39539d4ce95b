import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { initVault } from '../../main/api/init.ts';
import { newToken } from '../../main/api/new-token.ts';
import { openSession } from '../../main/api/open-session.ts';
import { exists } from '../../main/disk/exists.ts';
import { listFolder, makeFolder, writeNewFile } from '../../main/disk/tree.ts';
import { claimHome } from '../../main/home/claim.ts';
import { THROW_AWAY_PASSPHRASE } from '../../main/home/throw-away.ts';
import { fail } from '../../shared/errors.ts';
import { sizeText } from '../../shared/measures.ts';
import { escapeText } from '../../shared/safe-text.ts';
import type { Console } from '../console.ts';
import { makeSampleFiles, type SampleFile } from '../sample-data/sample-files.ts';
import { allDone, type Calls, callsOf } from '../sample-data/session-calls.ts';
import { shellWord } from '../text/shell-word.ts';
import { damageByte, requireHidden, requireSame } from './checks.ts';

const SEED = 20261123;
const HOUR = 3_600_000;
const MODIFIED = Date.UTC(2026, 2, 14, 9, 26, 53);

const PAPERS: readonly SampleFile[] = [
  { path: 'Letter.txt', bytes: 1_840, modified: MODIFIED },
  { path: 'Contract.pdf', bytes: 4_200_000, modified: MODIFIED + HOUR },
  { path: 'Scan of passport.jpg', bytes: 2_750_000, modified: MODIFIED + 2 * HOUR },
  { path: 'Notes – Übergabe ✓.md', bytes: 12_345, modified: MODIFIED + 3 * HOUR },
  { path: 'empty.txt', bytes: 0, modified: MODIFIED + 4 * HOUR },
  { path: 'Recording.wav', bytes: 25_165_824, modified: MODIFIED + 5 * HOUR },
];

/** One step of the tour: what happened and what proves it. */
type Step = { readonly what: string; readonly proof: string };

type Sample = { readonly call: Calls; readonly papers: string; readonly back: string };

/**
 * Shows what Keyward does on a throw-away vault with real files, in five steps with measured times. It returns
 * only if every one of them held, and throws what did not.
 */
export async function runTour(options: {
  readonly console: Console;
  readonly folder?: string;
}): Promise<void> {
  const { console, folder = join(tmpdir(), `kw-${newToken().slice(0, 6)}`) } = options;
  if (exists(folder) && (await listFolder(folder)).length > 0) {
    throw fail('tour-folder-not-empty', { path: folder });
  }
  const home = join(folder, 'vault');
  const sample = { papers: join(folder, 'papers'), back: join(folder, 'back') };
  await makeSampleFiles(sample.papers, PAPERS, SEED);
  await makeFolder(sample.back);

  const steps: { title: string; milliseconds: number; what: string; proof: string }[] = [];
  const play = async (title: string, act: () => Promise<Step>) => {
    const start = performance.now();
    const { what, proof } = await act();
    const milliseconds = Math.round(performance.now() - start);
    steps.push({ title, milliseconds, what, proof });
    const { bold, dim, good } = console.style;
    const time = `${milliseconds} ms`;
    console.say(
      `${bold(`${steps.length}  ${title}`)}${' '.repeat(Math.max(1, 74 - title.length - time.length))}${dim(time)}`,
    );
    console.say(`   ${what}`);
    console.say(`   ${good('✓')} ${proof}`);
    console.say();
  };

  console.say(console.style.bold('Keyward: a tour on real files, in a vault to throw away'));
  console.say();
  const claim = await claimHome(home);
  if (claim === undefined) throw fail('folder-in-use', { home });
  try {
    let call: Calls | undefined;
    let close = async () => {};
    await play('A vault is made and unlocked', async () => {
      const passphrase = Buffer.from(newToken());
      await initVault(claim, { throwAway: true, passphrase, keychain: false });
      await writeNewFile(join(home, THROW_AWAY_PASSPHRASE), passphrase);
      const session = await openSession(claim, {
        credential: { kind: 'passphrase', bytes: passphrase },
        kind: 'command',
      });
      close = () => session.close();
      call = callsOf(session, console.signal);
      const { selfTests = [] } = await call('vault.status', {});
      return {
        what: 'Its root key opens with a passphrase (Argon2id, 64 MiB) or with 24 words.',
        proof: `${selfTests.length} known-answer self-tests of the cryptography passed.`,
      };
    });
    if (call === undefined) return;
    const stage: Sample = { call, ...sample };
    try {
      await play('A folder is encrypted', () => encryptStep(stage));
      await play('The files are decrypted and compared', () => decryptStep(stage));
      await play('The key is rotated', () => rotateStep(stage));
      await play('Tampering is noticed', () => auditStep(stage));
    } finally {
      await close();
    }
  } finally {
    await claim.release();
  }
  console.document({ folder, home, steps });
  tryNext(console, folder, home);
}

async function encryptStep({ call, papers }: Sample): Promise<Step> {
  const { results } = await call('files.encrypt', { sources: [papers], overwrite: false, each: true });
  const done = allDone(results);
  for (const { source, output } of done) if (output !== null) await requireHidden(source, output);
  const bytes = done.reduce((sum, result) => sum + result.bytes, 0);
  return {
    what: `${done.length} files, ${sizeText(bytes)}, each under a data key of its own, under alias/my-files.`,
    proof: 'Each has its NAME.keyward beside it, in which none of its text shows.',
  };
}

async function decryptStep({ call, papers, back }: Sample): Promise<Step> {
  const sources = PAPERS.map(({ path }) => join(papers, `${path}.keyward`));
  const seen = await Promise.all(sources.map((source) => call('files.inspect', { source })));
  const { results } = await call('files.decrypt', { sources, out: back, overwrite: false, each: false });
  allDone(results);
  const names = PAPERS.map(({ path }) => path);
  await requireSame(names, papers, back);
  const frames = seen.reduce((sum, { frames }) => sum + frames, 0);
  return {
    what: `${frames} frames, each verified before a byte of it was kept.`,
    proof: `${names.length} of ${names.length} files came back equal: bytes, names, times and permissions.`,
  };
}

async function rotateStep({ call, papers, back }: Sample): Promise<Step> {
  const [moved, old] = [join(papers, 'Contract.pdf.keyward'), join(papers, 'Letter.txt.keyward')];
  const before = await call('files.inspect', { source: moved });
  const { currentVersion } = await call('keys.rotate', { key: 'alias/my-files' });
  const out = join(back, 'old');
  await makeFolder(out);
  allDone((await call('files.decrypt', { sources: [old], out, overwrite: false, each: false })).results);
  await requireSame(['Letter.txt'], papers, out);
  allDone((await call('files.rewrap', { sources: [moved], each: false })).results);
  allDone((await call('files.verify', { sources: [moved], each: false })).results);
  const after = await call('files.inspect', { source: moved });
  const [was, is] = [before.slots[0]?.version ?? '', after.slots[0]?.version ?? ''];
  if (is !== currentVersion || was === is) {
    throw fail('tour-not-moved', { path: moved });
  }
  return {
    what: 'An old file still opened; the header of Contract.pdf was moved:',
    proof: `it was under version ${was.slice(0, 8)}…, is under ${is.slice(0, 8)}…, and verifies.`,
  };
}

async function auditStep({ call, papers }: Sample): Promise<Step> {
  const target = join(papers, 'Recording.wav.keyward');
  await damageByte(target, 12_000_000);
  const { results } = await call('files.verify', { sources: [target], each: false });
  if (results[0]?.error?.code !== 'FileDamaged') {
    throw fail('tour-change-unnoticed', { path: target });
  }
  await damageByte(target, 12_000_000);
  allDone((await call('files.verify', { sources: [target], each: false })).results);
  const verdict = await call('audit.verify', {});
  if (!verdict.ok) throw fail('audit-does-not-hold', { why: verdict.why });
  return {
    what: 'One bit of Recording.wav.keyward was flipped: refused. Flipped back: whole.',
    proof: `The audit log holds: ${verdict.entries} entries, chained and signed.`,
  };
}

/** Three commands that work as they are pasted, from the folder that the tour was started in. */
function tryNext(console: Console, folder: string, home: string): void {
  const program = programName(console.around.cwd);
  console.say(console.style.bold('Try next'));
  const vault = `KEYWARD_HOME=${shellWord(home)}`;
  console.say(`   ${vault} ${program} audit list`);
  console.say(`   ${vault} ${program} keys describe my-files`);
  console.say(`   ${program} demo --home ${shellWord(join(folder, 'demo'))}`);
  console.say();
  console.say(
    console.style.dim(`Everything of this tour is in ${escapeText(folder)}; remove it when you like.`),
  );
  console.say(console.style.dim(`A vault of your own: ${program} init`));
}

/** The command as the caller can type it: by a short path where it is near. */
function programName(cwd: string): string {
  const script = process.argv[1] ?? '';
  const root = dirname(dirname(dirname(script)));
  const whole = join(root, 'bin', 'keyward');
  const near = relative(cwd, whole);
  return basename(script) === 'cli.js' ? shellWord(near.startsWith('..') ? whole : near) : 'keyward';
}
