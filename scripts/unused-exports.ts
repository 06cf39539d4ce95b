/** The exports of modules below src/ that no other module, test, script or benchmark imports. */
import { dirname, join, normalize } from 'node:path';
import { parseSync } from 'oxc-parser';

/** What a module exports, and what it takes from which other module; `*` is all there is. */
type Names = {
  readonly exported: readonly string[];
  readonly taken: readonly (readonly [target: string, name: string])[];
};

/** Reads the exports and imports of a module. Throws `SyntaxError` on what can't be read. */
function namesOf(file: string, text: string): Names {
  const { module, errors } = parseSync(file, text);
  if (errors.length > 0) throw new SyntaxError(`${file}: ${errors[0]?.message}`);
  const targetOf = (specifier: string) => normalize(join(dirname(file), specifier));
  const taken: (readonly [string, string])[] = [];
  const exported: string[] = [];
  for (const item of module.staticImports) {
    for (const { importName } of item.entries) {
      taken.push([
        targetOf(item.moduleRequest.value),
        importName.name ?? (importName.kind === 'Default' ? 'default' : '*'),
      ]);
    }
  }
  for (const entry of module.staticExports.flatMap((item) => item.entries)) {
    if (entry.moduleRequest !== null)
      taken.push([targetOf(entry.moduleRequest.value), entry.importName.name ?? '*']);
    const name = entry.exportName.name ?? (entry.exportName.kind === 'Default' ? 'default' : undefined);
    if (name !== undefined) exported.push(name);
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const specifier = text.slice(moduleRequest.start, moduleRequest.end).replace(/^['"`]|['"`]$/g, '');
    taken.push([targetOf(specifier), '*']);
  }
  // `import('./module.ts').Name` in a type.
  for (const [, specifier = '', name = '*'] of text.matchAll(/\bimport\('([^']+)'\)(?:\.(\w+))?/g)) {
    taken.push([targetOf(specifier), name]);
  }
  return { exported, taken };
}

/**
 * The exports of `modules` that nobody else takes, one sentence each. `users` (tests, scripts, benchmarks) may take
 * them too: what a test alone needs is an interface of its module. Paths are those from one root, e.g. `src/a.ts`.
 */
export function unusedExports(
  modules: ReadonlyMap<string, string>,
  users: ReadonlyMap<string, string>,
): readonly string[] {
  const taken = new Set<string>();
  const names = new Map([...modules].map(([file, text]) => [file, namesOf(file, text)]));
  const others = [...users].map(([file, text]) => namesOf(file, text));
  for (const { taken: targets } of [...names.values(), ...others]) {
    for (const [target, name] of targets) taken.add(`${target} ${name}`);
  }
  return [...names].flatMap(([file, { exported }]) =>
    exported
      .filter((name) => !taken.has(`${file} ${name}`) && !taken.has(`${file} *`))
      .map((name) => `${file}: nobody imports ${name}; don't export it, or remove it`),
  );
}
