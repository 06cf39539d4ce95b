/**
 * Holds every import in src/ against the floors of docs/architecture.md: what a room may import, which of that nobody
 * uses, circles, chains that are too long, exports that nobody imports, and what each room says of itself in its README.md. Prints what is wrong and exits 1 if anything is.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { circles, type ImportGraph, importedNames, importGraph, longestChain } from './import-graph.ts';
import { unusedExports } from './unused-exports.ts';

/** Which rooms a room may import, besides itself. */
export const FLOORS: { readonly [room: string]: readonly string[] } = {
  shared: [],
  messages: ['shared'],
  disk: ['shared'],
  crypto: ['shared'],
  store: ['shared', 'disk', 'crypto'],
  audit: ['shared', 'disk', 'crypto', 'store'],
  unlock: ['shared', 'crypto', 'store'],
  kms: ['shared', 'crypto', 'store', 'audit'],
  envelope: ['shared', 'disk', 'crypto'],
  vault: ['shared', 'disk', 'crypto', 'store', 'kms', 'envelope'],
  jobs: ['shared', 'crypto', 'store'],
  home: ['shared', 'disk', 'crypto', 'store', 'audit', 'unlock'],
  backup: ['shared', 'disk', 'crypto', 'store', 'audit', 'unlock', 'kms'],
  repair: ['shared', 'store', 'kms', 'unlock'],
  health: ['shared', 'disk', 'store', 'unlock', 'home', 'backup'],
  server: ['shared', 'crypto', 'kms'],
  api: [
    ...[
      'shared',
      'disk',
      'crypto',
      'store',
      'audit',
      'unlock',
      'kms',
      'envelope',
      'vault',
      'jobs',
      'home',
      'backup',
      'repair',
      'health',
      'server',
    ],
  ],
  owner: ['shared', 'disk', 'home', 'api'],
  paper: ['shared'],
  ipc: ['shared', 'api'],
  shell: ['shared'],
  cli: ['shared', 'messages', 'disk', 'home', 'api', 'owner', 'paper'],
  preload: [],
  renderer: ['shared', 'messages'],
};

/** Packages that only some rooms may import. */
const PACKAGES: readonly { readonly match: RegExp; readonly rooms: readonly string[] }[] = [
  { match: /^(node:)?crypto$/, rooms: ['crypto'] },
  { match: /^@noble\//, rooms: ['crypto'] },
  { match: /^@scure\//, rooms: ['crypto'] },
  { match: /^age-encryption$/, rooms: ['crypto'] },
  { match: /^@node-rs\/argon2$/, rooms: ['crypto'] },
  { match: /^(node:)?fs(\/promises)?$/, rooms: ['disk'] },
  { match: /^better-sqlite3$/, rooms: ['store'] },
  { match: /^keytar$/, rooms: ['unlock'] },
  { match: /^@zxcvbn-ts\//, rooms: ['unlock'] },
  { match: /^shamir-secret-sharing$/, rooms: ['crypto'] },
  { match: /^qrcode-generator$/, rooms: ['paper'] },
  { match: /^electron$/, rooms: ['shell', 'ipc', 'main', 'preload'] },
  { match: /^(react|react-dom|zustand)(\/|$)/, rooms: ['renderer'] },
  { match: /^commander$/, rooms: ['cli'] },
  { match: /^intl-messageformat$/, rooms: ['messages'] },
];

/** What runs in a process of its own, or with a root of its own. */
const FRONTS = ['cli', 'preload', 'renderer'];

/** Rooms without Node: only packages that run anywhere. */
const NO_NODE = ['shared', 'messages', 'renderer'];

/** The room of a file below src/; the composition roots have their own names, `main` and `command`. */
function roomOf(file: string): string {
  const parts = file.split(sep);
  if (parts[0] !== 'main') return file === join('cli', 'index.ts') ? 'command' : (parts[0] ?? '');
  return parts.length === 2 ? 'main' : (parts[1] ?? '');
}

/** What `text`, standing at `file` below src/, imports against the rules; one sentence each. */
export function violations(file: string, text: string): string[] {
  const room = roomOf(file);
  let names: readonly string[];
  try {
    names = importedNames(file, text);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  const found: string[] = [];
  for (const name of names) {
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

/** The permissions of `FLOORS` that no module of `graph` makes use of; one sentence each. */
export function unusedPermissions(graph: ImportGraph): string[] {
  const used = new Set<string>();
  for (const [file, targets] of graph) {
    for (const target of targets) used.add(`${roomOf(file)} ${roomOf(target)}`);
  }
  const rooms = new Set([...graph.keys()].map(roomOf));
  return Object.entries(FLOORS).flatMap(([room, may]) =>
    rooms.has(room)
      ? may
          .filter((other) => !used.has(`${room} ${other}`))
          .map((other) => `${room} may import ${other}, and does not`)
      : [`there is no room ${room}`],
  );
}

/** Modules that a chain of imports may have at most: whoever reads the first one has the others to understand. */
const LONGEST_CHAIN = 29;

/** The longest chain of imports of `graph` if it is too long, in a sentence that says all of it. */
export function chainViolations(graph: ImportGraph): string[] {
  const chain = longestChain(graph);
  if (chain.length <= LONGEST_CHAIN) return [];
  return [
    `a chain of ${chain.length} imports, ${LONGEST_CHAIN} at most; have a type, or what two modules share, stand lower: ${chain.join(' -> ')}`,
  ];
}

/** The circles of `graph`, one sentence each. */
export function circleViolations(graph: ImportGraph): string[] {
  return circles(graph).map((files) => `circle: ${[...files, files[0]].join(' -> ')}`);
}

/**
 * What is wrong with a room's README.md: it says what the room is for (its first paragraph), what it may touch
 * ("May import: …", as `FLOORS` has it) and where to begin ("Begin at: [name](name)", a file that `exists`).
 */
export function readmeViolations(
  room: string,
  text: string | undefined,
  exists: (name: string) => boolean,
): string[] {
  if (text === undefined) return [`${room}: has no README.md that says what it is for`];
  const found: string[] = [];
  const [heading, blank, purpose = ''] = text.split('\n');
  if (heading !== `# ${room}` || blank !== '' || purpose.length < 40) {
    found.push(`${room}: README.md begins with "# ${room}" and what the room is for`);
  }
  const may = FLOORS[room] ?? [];
  const line = `May import: ${may.length === 0 ? 'nothing of the other rooms' : may.join(', ')}.`;
  if (!text.replaceAll('\n', ' ').includes(line)) found.push(`${room}: README.md lacks the line "${line}"`);
  const begin = [...(/Begin at: ([\s\S]*?)(?:\n\n|$)/.exec(text)?.[1] ?? '').matchAll(/\]\(([^)]+)\)/g)].map(
    ([, name = '']) => name,
  );
  if (begin.length === 0) found.push(`${room}: README.md lacks "Begin at: [module](module)"`);
  for (const name of begin)
    if (!exists(name)) found.push(`${room}: README.md names ${name}, which is not there`);
  return found;
}

/** The folder of a room below src/. */
export function folderOf(room: string): string {
  return [...FRONTS, 'shared', 'messages'].includes(room) ? room : join('main', room);
}

const root = resolve(import.meta.dirname, '../src');

/** The modules in `folder` below the project, by their paths from there. */
function modulesIn(folder: string): Map<string, string> {
  const top = join(root, '..', folder);
  const files = readdirSync(top, { recursive: folder !== '.', encoding: 'utf8' });
  return new Map(
    files
      .filter((file) => /\.(tsx?|mjs)$/.test(file))
      .sort()
      .map((file) => [join(folder, file), readFileSync(join(top, file), 'utf8')]),
  );
}

if (process.argv[1] === import.meta.filename) {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((f) => /\.tsx?$/.test(f));
  const modules = new Map(files.sort().map((file) => [file, readFileSync(join(root, file), 'utf8')]));
  const graph = importGraph(modules);
  const found = [
    ...[...modules].flatMap(([file, text]) => violations(file, text)),
    ...circleViolations(graph),
    ...chainViolations(graph),
    ...unusedPermissions(graph),
    ...unusedExports(
      modulesIn('src'),
      new Map(['test', 'scripts', 'bench', '.'].flatMap((folder) => [...modulesIn(folder)])),
    ),
    ...Object.keys(FLOORS).flatMap((room) => {
      const folder = join(root, folderOf(room));
      const readme = join(folder, 'README.md');
      const text = existsSync(readme) ? readFileSync(readme, 'utf8') : undefined;
      return readmeViolations(room, text, (name) => existsSync(join(folder, name)));
    }),
  ];
  for (const line of found) console.error(line);
  const chain = longestChain(graph).length;
  console.log(
    `floors: ${files.length} modules, longest chain of imports ${chain}, ${found.length} not allowed`,
  );
  process.exit(found.length === 0 ? 0 : 1);
}
