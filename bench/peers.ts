import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type UnlockedVault, writeLarge } from './command.ts';
import { type Row, ratioRow } from './table.ts';
import { isThere, time } from './time.ts';

const MIB = 1 << 20;
const child = join(import.meta.dirname, 'peers.child.ts');
const ageChild = join(import.meta.dirname, 'age-encryption.child.ts');

type Peer = {
  readonly name: string;
  readonly aim: string;
  /** The Debian package that has it. */
  readonly debian?: string;
  readonly encrypt: (source: string, target: string) => number;
  readonly decrypt: (source: string, target: string) => number;
};

/**
 * Whole commands over one file in memory (tmpfs, where there is one), in turns: how many times as fast as each
 * peer the command is. A peer that is not installed has a row that says so.
 */
export function peerRows(vault: UnlockedVault, rounds: number, megabytes = 2048): Row[] {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'keyward-bench-'));
  const path = (name: string) => join(folder, name);
  try {
    writeLarge(path('source'), megabytes);
    const peers = peersIn(folder);
    const there = peers.filter(
      ({ name, debian }) => debian === undefined || isThere(name.split(' ')[0] ?? ''),
    );
    const samples = new Map<string, { encrypt: number[]; decrypt: number[] }>();
    for (const name of ['keyward', ...there.map((peer) => peer.name)]) {
      samples.set(name, { encrypt: [], decrypt: [] });
    }
    const measure = (name: string, encrypt: () => number, decrypt: () => number) => {
      rmSync(path('back'), { force: true });
      samples.get(name)?.encrypt.push(encrypt());
      samples.get(name)?.decrypt.push(decrypt());
      if (!isSame(path('source'), path('back'))) throw new Error(`${name} did not give back what it took`);
    };
    // Memory that was not used before costs a virtual machine more than any of them takes.
    for (const name of ['sealed', 'back']) time('cp', [path('source'), path(name)]);
    rmSync(path('sealed'));
    for (let round = 0; round < rounds; round++) {
      measure(
        'keyward',
        () => vault.run(['encrypt', path('source'), '--overwrite']),
        () => vault.run(['decrypt', path('source.keyward'), '--out', path('back')]),
      );
      rmSync(path('source.keyward'));
      for (const peer of there) {
        measure(
          peer.name,
          () => peer.encrypt(path('source'), path('sealed')),
          () => peer.decrypt(path('sealed'), path('back')),
        );
        rmSync(path('sealed'));
      }
    }
    const ours = samples.get('keyward') ?? { encrypt: [], decrypt: [] };
    return peers.flatMap(({ name, aim, debian }): Row[] => {
      const theirs = samples.get(name);
      if (theirs === undefined) {
        return [{ what: `against ${name}`, value: `not installed (Debian: ${debian})`, aim, samples: {} }];
      }
      return (['encrypt', 'decrypt'] as const).map((job) =>
        ratioRow(`${job} ${megabytes} MiB in memory, speed against ${name}`, aim, {
          [name]: theirs[job],
          keyward: ours[job],
        }),
      );
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function peersIn(folder: string): Peer[] {
  const client = (frameLength: number) => (job: string) => (source: string, target: string) =>
    time(process.execPath, [child, job, source, target, String(frameLength)]);
  const identity = join(folder, 'age-key');
  let [recipient, own] = ['', ''];
  if (isThere('age-keygen')) {
    time('age-keygen', ['-o', identity]);
    const text = readFileSync(identity, 'utf8');
    recipient = /age1\S+/.exec(text)?.[0] ?? '';
    own = /AGE-SECRET-KEY-\S+/.exec(text)?.[0] ?? '';
  }
  const secret = join(folder, 'secret');
  writeFileSync(secret, 'only for measuring\n');
  const gpg = ['--batch', '--yes', '--quiet', '--homedir', folder, '--pinentry-mode', 'loopback'];
  const gpgWith = [...gpg, '--passphrase-file', secret];
  const openssl = ['enc', '-aes-256-ctr', '-pass', `file:${secret}`, '-pbkdf2'];
  // It takes keys as age-keygen makes them, and is left out where there is none.
  const ageJs: Peer = {
    name: 'age-encryption',
    aim: 'none',
    encrypt: (source, target) => time(process.execPath, [ageChild, 'encrypt', source, target, recipient]),
    decrypt: (source, target) => time(process.execPath, [ageChild, 'decrypt', source, target, own]),
  };
  const copy = (source: string, target: string) => time('cp', ['--reflink=never', source, target]);
  return [
    // What copying alone takes there: the most that any of them could reach on one core.
    { name: 'cp', aim: 'none', encrypt: copy, decrypt: copy },
    {
      name: 'age',
      debian: 'age',
      aim: 'at least 5',
      encrypt: (source, target) => time('age', ['-r', recipient, '-o', target, source]),
      decrypt: (source, target) => time('age', ['-d', '-i', identity, '-o', target, source]),
    },
    {
      name: 'gpg -c',
      debian: 'gnupg',
      aim: 'none',
      encrypt: (source, target) => time('gpg', [...gpgWith, '-c', '-z', '0', '-o', target, source]),
      decrypt: (source, target) => time('gpg', [...gpgWith, '-d', '-o', target, source]),
    },
    {
      name: 'openssl enc -aes-256-ctr',
      debian: 'openssl',
      aim: 'none',
      encrypt: (source, target) => time('openssl', [...openssl, '-in', source, '-out', target]),
      decrypt: (source, target) => time('openssl', [...openssl, '-d', '-in', source, '-out', target]),
    },
    {
      name: '@aws-crypto/client-node',
      aim: 'at least 15',
      encrypt: client(4096)('encrypt'),
      decrypt: client(4096)('decrypt'),
    },
    {
      name: '@aws-crypto/client-node, 1 MiB frames',
      aim: 'at least 3',
      encrypt: client(MIB)('encrypt'),
      decrypt: client(MIB)('decrypt'),
    },
    ...(own === '' ? [] : [ageJs]),
  ];
}

function isSame(a: string, b: string): boolean {
  return spawnSync('cmp', ['--silent', a, b]).status === 0;
}
