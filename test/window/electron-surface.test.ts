import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';
import { describe, expect, it } from 'vitest';
import { ELECTRON_SURFACE } from '../../src/main/shell/electron-surface.ts';
import { ROOT } from './support.ts';

/* Rules that hold for every build; none of them needs a browser. */

const out = join(ROOT, 'out');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const sources = (folder: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name));

/** The built main without the command. */
function builtMain(): string {
  const seen = new Set<string>();
  const take = (name: string): string => {
    if (seen.has(name)) return '';
    seen.add(name);
    const text = readFileSync(join(out, 'main', name), 'utf8');
    const chunks = [...text.matchAll(/["']\.\/(chunk-[^"']+)["']/g)].map((found) => found[1] ?? '');
    return text + chunks.map(take).join('\n');
  };
  return take('index.js');
}

/** What a program takes from `electron`: module parts, `part.member` of those, and the names of its listeners. */
function usesOf(text: string): { parts: string[]; members: string[]; listened: string[] } {
  const { module, program } = parseSync('module.ts', text, { lang: 'ts' });
  const local = new Map<string, string>();
  for (const item of module.staticImports) {
    if (item.moduleRequest.value !== 'electron') continue;
    for (const entry of item.entries) local.set(entry.localName.value, entry.importName.name ?? '*');
  }
  const members = new Set<string>();
  const listened = new Set<string>();
  new Visitor({
    VariableDeclarator({ id, init }) {
      const required =
        init?.type === 'CallExpression' &&
        init.callee.type === 'Identifier' &&
        init.callee.name === 'require';
      const [wanted] = required ? init.arguments : [];
      if (wanted?.type !== 'Literal' || wanted.value !== 'electron') return;
      if (id.type === 'Identifier') local.set(id.name, '*');
    },
    MemberExpression({ object, property }) {
      if (property.type !== 'Identifier') return;
      const inner =
        object.type === 'MemberExpression' &&
        object.object.type === 'Identifier' &&
        local.get(object.object.name) === '*';
      if (inner && object.property.type === 'Identifier')
        members.add(`${object.property.name}.${property.name}`);
      if (object.type !== 'Identifier') return;
      const part = local.get(object.name);
      if (part !== undefined && part !== '*') members.add(`${part}.${property.name}`);
    },
    CallExpression({ callee, arguments: given }) {
      if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return;
      const [first] = given;
      if (!['on', 'once'].includes(callee.property.name) || first?.type !== 'Literal') return;
      listened.add(String(first.value));
    },
  }).visit(program);
  const named = [...members].map((member) => member.split('.')[0] ?? '');
  const parts = [...local.values()].filter((name) => name !== '*');
  return {
    parts: [...new Set([...parts, ...named])].sort(),
    members: [...members].sort(),
    listened: [...listened],
  };
}

const MODULE_PARTS = Object.keys(ELECTRON_SURFACE).filter(
  (part) => !['webContents', 'session.fromPartition()', 'IpcMainInvokeEvent', 'WebFrameMain'].includes(part),
);
const PRELOAD_PARTS = ['contextBridge', 'ipcRenderer', 'webUtils'];
const plain = (members: readonly string[]) =>
  members.filter((name) => !name.startsWith('on:') && name !== 'constructor');

describe('the preload', () => {
  const text = () => readFileSync(join(out, 'preload/index.cjs'), 'utf8');

  it('is one CommonJS file that requires nothing but electron', () => {
    expect(readdirSync(join(out, 'preload'))).toEqual(['index.cjs']);
    const { module, errors } = parseSync('index.cjs', text(), { sourceType: 'script' });
    expect(errors).toEqual([]);
    expect([...module.staticImports, ...module.staticExports, ...module.dynamicImports]).toEqual([]);
    const required = [...text().matchAll(/\brequire\s*\(([^)]*)\)/g)].map((found) => found[1]?.trim());
    expect(new Set(required)).toEqual(new Set(['"electron"']));
  });

  it('uses of electron what the surface list says', () => {
    const wanted = PRELOAD_PARTS.flatMap((part) =>
      ELECTRON_SURFACE[part as 'ipcRenderer'].map((name) => `${part}.${name}`),
    );
    expect(usesOf(text()).members).toEqual(wanted.sort());
  });
});

describe('the surface of Electron', () => {
  it('is what the built main takes from the module, no more and no less', () => {
    const { parts } = usesOf(builtMain());
    const wanted = MODULE_PARTS.filter((part) => !PRELOAD_PARTS.includes(part)).sort();
    expect(parts).toEqual(wanted);
    // Names are looked up module by module, since another module may call something of its own `session`.
    const used = sources('src/main').flatMap((path) => usesOf(read(path)).members);
    const named = wanted.flatMap((part) =>
      part === 'BrowserWindow' ? [] : plain(ELECTRON_SURFACE[part as 'app']).map((name) => `${part}.${name}`),
    );
    const members = [...new Set(used)].filter((name) => !/\.(on|once)$/.test(name));
    expect(members.toSorted()).toEqual(named.toSorted());
  });

  it('lists no member and no event that the built main does not use', () => {
    const text = builtMain();
    const { listened } = usesOf(text);
    const unused: string[] = [];
    for (const [part, members] of Object.entries(ELECTRON_SURFACE)) {
      if (PRELOAD_PARTS.includes(part)) continue;
      for (const member of members) {
        const name = member.replace(/^on:/, '');
        const used = member.startsWith('on:')
          ? listened.includes(name)
          : name === 'constructor'
            ? text.includes(`new ${part}(`)
            : new RegExp(`[.{,]\\s*${name.split('.').join('\\.')}\\b`).test(text);
        if (!used) unused.push(`${part} ${member}`);
      }
    }
    expect(unused).toEqual([]);
  });

  it('lists every event that the shell listens for', () => {
    const listed = Object.values(ELECTRON_SURFACE).flatMap((members) =>
      (members as readonly string[]).filter((name) => name.startsWith('on:')).map((name) => name.slice(3)),
    );
    const heard = sources('src/main/shell').flatMap((path) =>
      [...read(path).matchAll(/\.(?:on|once)\('([^']+)'/g)].map((found) => found[1] ?? ''),
    );
    expect(heard.filter((name) => !listed.includes(name))).toEqual([]);
  });

  it('has one row in FIDELITY.md for each use, and none for anything else', () => {
    const rows = [
      ...read('test/host/FIDELITY.md').matchAll(/^\|\s*`([^`]+)`\s*\|\s*(?:real|emulated|recorded)\s*\|/gm),
    ].map((row) => row[1] ?? '');
    const uses = Object.entries(ELECTRON_SURFACE).flatMap(([part, members]) =>
      members.map((name) => `${part}${name.startsWith('on:') || part.endsWith('()') ? ' ' : '.'}${name}`),
    );
    expect(rows.toSorted()).toEqual(uses.toSorted());
  });
});

describe('who may speak with Electron', () => {
  it('ipcMain is named in the registrar only', () => {
    const naming = sources('src').filter((path) =>
      /\bipcMain\b/.test(read(path).replace(/\/\*[\s\S]*?\*\//g, '')),
    );
    expect(naming.filter((path) => !path.endsWith('electron-surface.ts'))).toEqual([
      join('src/main/ipc/registrar.ts'),
    ]);
  });

  it('nothing opens addresses outside, and the page makes no markup from text', () => {
    const texts = sources('src').map((path) => [path, read(path)] as const);
    const naming = (pattern: RegExp) => texts.filter(([, text]) => pattern.test(text)).map(([path]) => path);
    expect(naming(/\bopenExternal\b|\bopenPath\b/)).toEqual([]);
    expect(naming(/dangerouslySetInnerHTML|\.innerHTML\s*=|insertAdjacentHTML/)).toEqual([]);
  });

  it('the main module stays a composition root of fewer than 150 lines', () => {
    expect(read('src/main/index.ts').split('\n').length).toBeLessThan(150);
  });
});

describe('what the build leaves', () => {
  it('serves only names of the page, and all of them', () => {
    const folder = join(out, 'renderer');
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(folder.length + 1)
          .replaceAll('\\', '/'),
      );
    const names = JSON.parse(readFileSync(join(folder, 'names.json'), 'utf8')) as string[];
    expect(names.toSorted()).toEqual(files.filter((name) => name !== 'names.json').toSorted());
  });

  it('has a page without inline script, style or source map', () => {
    const html = readFileSync(join(out, 'renderer/index.html'), 'utf8');
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=/i);
    const names = readdirSync(out, { recursive: true, encoding: 'utf8' });
    expect(names.filter((name) => name.endsWith('.map'))).toEqual([]);
  });

  it('native modules and workers are unpacked from the asar', (context) => {
    const path = join(ROOT, 'electron-builder.yml');
    if (!existsSync(path)) context.skip('there is no electron-builder.yml yet');
    const unpacked = /^asarUnpack:\n((?:\s+- .*\n)+)/m.exec(readFileSync(path, 'utf8'))?.[1] ?? '';
    expect(unpacked).toContain('**/*.node');
    const workers = readdirSync(join(out, 'main')).filter((name) => name.includes('worker'));
    expect(workers.sort()).toEqual(['strength-worker.js', 'worker.js']);
    const names =
      /out\/main\/\{(.*)\}\.js/
        .exec(unpacked)?.[1]
        ?.split(',')
        .map((name) => `${name}.js`) ?? [];
    // A thread loads its chunks from where it stands itself.
    const needed = new Set(workers);
    for (const name of needed) {
      const text = readFileSync(join(out, 'main', name), 'utf8');
      for (const [, chunk = ''] of text.matchAll(/(?:from |import\()["`]\.\/([^"`]+)["`]/g))
        needed.add(chunk);
    }
    expect(names.toSorted()).toEqual([...needed].sort());
  });
});

describe('the stand-in for Electron', () => {
  /** What its own tests and launchers need besides; the same list as at the end of FIDELITY.md. */
  const besides = ['getAllWindows', 'close', 'getApplicationMenu', 'getPath', 'isReady'];

  it('offers of each part what the surface lists, and nothing else that Electron has', async () => {
    const [{ app }, { HostContents }, { HostSession, session }, { HostWindow }, small] = await Promise.all([
      import('../host/app.ts'),
      import('../host/contents.ts'),
      import('../host/session.ts'),
      import('../host/window.ts'),
      import('../host/small.ts'),
    ]);
    const offered: { readonly [part: string]: readonly object[] } = {
      app: [Object.getPrototypeOf(app) as object],
      BrowserWindow: [HostWindow, HostWindow.prototype],
      webContents: [HostContents.prototype],
      session: [session],
      'session.fromPartition()': [HostSession.prototype],
      dialog: [small.dialog],
      shell: [small.shell],
      Menu: [small.HostMenu],
      nativeTheme: [Object.getPrototypeOf(small.nativeTheme) as object],
      powerMonitor: [Object.getPrototypeOf(small.powerMonitor) as object],
    };
    const declared = readFileSync(join(ROOT, 'node_modules/electron/electron.d.ts'), 'utf8');
    const surplus: string[] = [];
    for (const [part, objects] of Object.entries(offered)) {
      const listed: readonly string[] = ELECTRON_SURFACE[part as 'app'];
      const names = objects.flatMap((object) => Object.getOwnPropertyNames(object));
      for (const name of names.filter(
        (one) => !['constructor', 'length', 'name', 'prototype'].includes(one),
      )) {
        const electrons = new RegExp(`^ {4}(static )?${name}\\(`, 'm').test(declared);
        if (electrons && !listed.includes(name) && !besides.includes(name)) surplus.push(`${part}.${name}`);
      }
    }
    expect(surplus).toEqual([]);
  });
});
