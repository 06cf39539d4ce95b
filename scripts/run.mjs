/** Runs a TypeScript script on a Node that strips types: `node scripts/run.mjs scripts/check-floors.ts …`. */
import './bundled-node.mjs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [script = '', ...words] = process.argv.slice(2);
process.argv.splice(1, process.argv.length - 1, resolve(script), ...words);
await import(pathToFileURL(resolve(script)).href);
