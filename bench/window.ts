import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { whyNoPictures, withWindow } from '../test/pictures/shoot.ts';
import { median, type Row } from './table.ts';

const assets = join(import.meta.dirname, '../out/renderer/assets');
const KIB = 1024;

/** The page as it is shipped: JavaScript and CSS, each file through gzip. */
export function pageRow(): Row {
  const bytes = readdirSync(assets)
    .filter((name) => /\.(js|css)$/.test(name))
    .reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name))).length, 0);
  return {
    what: 'page, JavaScript and CSS, gzip',
    value: `${(bytes / KIB).toFixed(0)} KiB`,
    aim: 'under 300 KiB',
  };
}

/** From the start of the main process in the host until the first screen takes input; median of `rounds`. */
export async function startRow(folder: string, rounds: number): Promise<Row> {
  const what = 'window, start to interactive, in the host';
  const aim = 'under 1 s';
  const reason = whyNoPictures();
  if (reason !== undefined) return { what, value: `not measured: ${reason}`, aim };
  const samples: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await withWindow(join(folder, `home-${round}`), async (_app, page) => {
      await page.getByLabel('Passphrase', { exact: true }).waitFor();
      samples.push(performance.now() - start);
    });
  }
  return { what, value: `${Math.round(median(samples))} ms`, aim };
}
