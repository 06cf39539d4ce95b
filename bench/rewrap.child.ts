/**
 * What a rewrap has to do on the disk and nothing else, over all files of a folder, 128 at a time: for each of the
 * two header copies write, flush, read back. rewrap.child.ts FOLDER
 */
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const AREA = 4096;
const TOGETHER = 128;
const [folder = ''] = process.argv.slice(2);

async function touch(path: string): Promise<void> {
  const file = await open(path, 'r+');
  const area = Buffer.alloc(AREA);
  for (const at of [0, AREA]) {
    await file.read(area, 0, AREA, at);
    await file.write(area, 0, AREA, at);
    await file.sync();
    await file.read(area, 0, AREA, at);
  }
  await file.close();
}

const names = await readdir(folder);
for (let at = 0; at < names.length; at += TOGETHER) {
  await Promise.all(names.slice(at, at + TOGETHER).map((name) => touch(join(folder, name))));
}
