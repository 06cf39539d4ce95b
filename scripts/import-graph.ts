/** What the modules below src/ import of each other, and the circles in it. */
import { dirname, join, normalize } from 'node:path';
import { parseSync } from 'oxc-parser';

/** The names that a module's text imports, exports again, or imports late; each once. Throws on what can't be read. */
export function importedNames(file: string, text: string): readonly string[] {
  const { module, errors } = parseSync(file, text);
  if (errors.length > 0) throw new SyntaxError(`${file}: ${errors[0]?.message}`);
  const names = [
    ...module.staticImports.map((item) => item.moduleRequest.value),
    ...module.staticExports.flatMap((item) => item.entries.map((entry) => entry.moduleRequest?.value)),
    ...module.dynamicImports.map((item) =>
      text.slice(item.moduleRequest.start, item.moduleRequest.end).replace(/^['"`]|['"`]$/g, ''),
    ),
  ];
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** Each module and the modules that it imports, of those given; types count. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** The graph of `modules`: path below src/ to text. */
export function importGraph(modules: ReadonlyMap<string, string>): ImportGraph {
  return new Map(
    [...modules].map(([file, text]) => [
      file,
      importedNames(file, text)
        .filter((name) => name.startsWith('.'))
        .map((name) => normalize(join(dirname(file), name)))
        .filter((target) => modules.has(target)),
    ]),
  );
}

/** One circle for each set of modules that import themselves by way of each other: the modules in order. */
export function circles(graph: ImportGraph): readonly (readonly string[])[] {
  const found: string[][] = [];
  const done = new Set<string>();
  const walk = (file: string, path: string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) {
      found.push(path.slice(at));
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const next of graph.get(file) ?? []) walk(next, path);
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) walk(file, []);
  return found;
}

/** The longest chain of modules without circles, each importing the next. */
export function longestChain(graph: ImportGraph): readonly string[] {
  const known = new Map<string, readonly string[]>();
  const chainOf = (file: string): readonly string[] => {
    const before = known.get(file);
    if (before !== undefined) return before;
    let longest: readonly string[] = [];
    for (const next of graph.get(file) ?? []) {
      const chain = chainOf(next);
      if (chain.length > longest.length) longest = chain;
    }
    const chain = [file, ...longest];
    known.set(file, chain);
    return chain;
  };
  return [...graph.keys()]
    .map(chainOf)
    .reduce((best, chain) => (chain.length > best.length ? chain : best), []);
}
