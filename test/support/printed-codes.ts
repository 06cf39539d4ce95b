import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MISSING = ['zbarimg', 'pdftoppm'].filter((tool) => spawnSync(tool, ['-v']).error !== undefined);

/** Why printed codes can't be read here; `undefined` if they can. */
export const WHY_NO_CODES: string | undefined =
  MISSING.length === 0
    ? undefined
    : `printed pages can't be read here: ${MISSING.map((tool) => `${tool} is not installed`).join('; ')}`;

/** What the QR codes on the pages of a PDF say, page by page, as a camera reads them at 150 dpi. */
export function printedCodes(pdf: string): string[][] {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-printed-'));
  try {
    spawnSync('pdftoppm', ['-r', '150', '-png', pdf, join(folder, 'page')]);
    return readdirSync(folder)
      .toSorted()
      .map((image) => {
        const read = spawnSync('zbarimg', ['--quiet', '--raw', join(folder, image)], { encoding: 'utf8' });
        return read.stdout.split('\n').filter((line) => line !== '');
      });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
