/**
 * Holds every import in src/ against the floors of docs/architecture.md. Prints each import that is not
 * allowed and exits 1 if there is one.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { parseSync } from 'oxc-parser';

const HOME = ['shared', 'disk', 'crypto', 'store', 'audit', 'unlock'];
const VAULT = ['shared', 'disk', 'crypto', 'store', 'audit', 'unlock', 'kms', 'envelope', 'vault'];

/** Which rooms a room may import, besides itself. */
const FLOORS: { readonly [room: string]: readonly string[] } = {
  shared: [],
  disk: ['shared'],
  crypto: ['shared'],
  store: ['shared', 'disk', 'crypto'],
  audit: ['shared', 'disk', 'crypto', 'store'],
  unlock: ['shared', 'disk', 'crypto', 'store', 'audit'],
  kms: ['shared', 'disk', 'crypto', 'store', 'audit', 'unlock'],
  envelope: ['shared', 'disk', 'crypto'],
  home: [...HOME, 'vault'],
  vault: VAULT,
  aws: VAULT,
  server: ['shared', 'disk', 'crypto', 'audit', 'unlock', 'kms'],
  api: [...VAULT, 'home', 'aws', 'server'],
  owner: ['shared', 'disk', 'api'],
  ipc: ['shared', 'api'],
  shell: ['shared', 'disk', 'ipc', 'owner'],
  cli: ['shared', 'disk', 'home', 'api', 'owner'],
  preload: ['shared'],
  renderer: ['shared'],
};

/** Packages that only some rooms may import. */
const PACKAGES: readonly { readonly match: RegExp; readonly rooms: readonly string[] }[] = [
  { match: /^(node:)?crypto$/, rooms: ['crypto'] },
  { match: /^@noble\//, rooms: ['crypto'] },
  { match: /^@scure\/bip39/, rooms: ['crypto'] },
  { match: /^@node-rs\/argon2$/, rooms: ['crypto'] },
  { match: /^(node:)?fs(\/promises)?$/, rooms: ['disk'] },
  { match: /^better-sqlite3$/, rooms: ['store'] },
  { match: /^keytar$/, rooms: ['unlock'] },
  { match: /^electron$/, rooms: ['shell', 'ipc', 'main', 'preload'] },
  { match: /^(react|react-dom|zustand)(\/|$)/, rooms: ['renderer'] },
  { match: /^commander$/, rooms: ['cli'] },
];

/** What runs in a process of its own, or with a root of its own. */
const FRONTS = ['cli', 'preload', 'renderer'];

/** Rooms without Node: only packages that run anywhere. */
const NO_NODE = ['shared', 'renderer'];

/** The room of a file below src/; the composition roots have their own names, `main` and `command`. */
function roomOf(file: string): string {
  const parts = file.split(sep);
  if (parts[0] !== 'main') return file === join('cli', 'index.ts') ? 'command' : (parts[0] ?? '');
  return parts.length === 2 ? 'main' : (parts[1] ?? '');
}

/** What `text`, standing at `file` below src/, imports against the rules; one sentence each. */
export function violations(file: string, text: string): string[] {
  const room = roomOf(file);
  const { module, errors } = parseSync(file, text);
  if (errors.length > 0) return [`${file}: ${errors[0]?.message}`];
  const names = [
    ...module.staticImports.map((item) => item.moduleRequest.value),
    ...module.staticExports.flatMap((item) => item.entries.map((entry) => entry.moduleRequest?.value)),
    ...module.dynamicImports.map((item) =>
      text.slice(item.moduleRequest.start, item.moduleRequest.end).replace(/^['"`]|['"`]$/g, ''),
    ),
  ].filter((name) => name !== undefined);
  const found: string[] = [];
  for (const name of new Set(names)) {
    if (name.startsWith('.')) {
      const target = roomOf(relative(root, resolve(root, dirname(file), name)));
      // The composition root of the app wires the rooms of the main process, and the command's that of the command.
      const free = target === room || room === 'command' || (room === 'main' && !FRONTS.includes(target));
      if (!free && !FLOORS[room]?.includes(target))
        found.push(`${file}: ${room} may not import ${target} (${name})`);
      continue;
    }
    if (NO_NODE.includes(room) && name.startsWith('node:'))
      found.push(`${file}: no Node in ${room} (${name})`);
    const rule = PACKAGES.find(({ match }) => match.test(name));
    if (rule !== undefined && !rule.rooms.includes(room)) {
      found.push(`${file}: only ${rule.rooms.join(', ')} may import ${name}`);
    }
  }
  const lines = text.split('\n').length - 1;
  if (lines > 400) found.push(`${file}: ${lines} lines; a module has at most 400`);
  return found;
}

const root = resolve(import.meta.dirname, '../src');

if (process.argv[1] === import.meta.filename) {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((f) => /\.tsx?$/.test(f));
  const found = files.sort().flatMap((file) => violations(file, readFileSync(join(root, file), 'utf8')));
  for (const line of found) console.error(line);
  console.log(`floors: ${files.length} files, ${found.length} not allowed`);
  process.exit(found.length === 0 ? 0 : 1);
}
