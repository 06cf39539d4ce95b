import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';

/** The project's folder. */
export const root = resolve(import.meta.dirname, '../../..');

/** What is not the project's own: installed, built, or git's. */
const FOREIGN = ['node_modules', 'out', 'dist', 'coverage', '.git'];

/** The paths of all files of the project below `folder`, from the project's folder on, with `/` between. */
export function projectFiles(folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return FOREIGN.includes(entry.name) ? [] : projectFiles(path);
    return entry.isFile() && !entry.name.endsWith('.log') ? [path] : [];
  });
}

/** A file of the project as text. */
export function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** A file of the project as JSON. */
export function jsonOf<T>(path: string): T {
  return JSON.parse(textOf(path)) as T;
}

/** A path from the project's folder on, with `/` between, of one that is absolute. */
export function fromRoot(path: string): string {
  return relative(root, path).split(sep).join('/');
}
