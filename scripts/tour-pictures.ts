/**
 * Takes four pictures of the window on a tour's vault: `tour-pictures.ts FOLDER`, where FOLDER is the tour's.
 * Prints their paths; where no browser engine runs it says why and ends well, since the tour itself has held.
 */
import { join } from 'node:path';
import {
  dropContract,
  shoot,
  unlockThrowAway,
  visit,
  whyNoPictures,
  withWindow,
} from '../test/pictures/shoot.ts';

const [folder = ''] = process.argv.slice(2);
const home = join(folder, 'vault');
const pictures = join(folder, 'pictures');
const look = { width: 1280, height: 800, theme: 'light' } as const;

const reason = whyNoPictures();
if (reason !== undefined) {
  console.log(`No pictures of the window: ${reason}`);
  process.exit(0);
}
try {
  const made = await withWindow(home, async (app, page) => {
    await unlockThrowAway(page, home);
    await dropContract(app, page, join(folder, 'dropped'));
    const paths = await shoot(page, pictures, 'files', [look, { ...look, theme: 'dark' }]);
    await visit(page, 'Keys');
    paths.push(...(await shoot(page, pictures, 'keys', [look])));
    await visit(page, 'Activity');
    return [...paths, ...(await shoot(page, pictures, 'activity', [look]))];
  });
  console.log('\nThe window on this vault:');
  for (const path of made) console.log(`   ${path}`);
} catch (error) {
  console.log(`No pictures of the window: ${String(error).split('\n')[0]}`);
}
process.exit(0);
