/**
 * What a rewrap has to do on the disk and nothing else, over all files of a folder, 256 at a time: write the first
 * header copy of all, flush all, read all back, then the same with the second copy. rewrap.child.ts FOLDER
 */
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const AREA = 4096;
const TOGETHER = 256;
const [folder = ''] = process.argv.slice(2);

const names = await readdir(folder);
for (let at = 0; at < names.length; at += TOGETHER) {
  const paths = names.slice(at, at + TOGETHER).map((name) => join(folder, name));
  const files = await Promise.all(paths.map((path) => open(path, 'r+')));
  const areas = files.map(() => Buffer.alloc(AREA));
  for (const copy of [0, AREA]) {
    await Promise.all(files.map((file, n) => file.read(areas[n] ?? Buffer.alloc(AREA), 0, AREA, copy)));
    await Promise.all(files.map((file, n) => file.write(areas[n] ?? Buffer.alloc(AREA), 0, AREA, copy)));
    await Promise.all(files.map((file) => file.sync()));
    await Promise.all(files.map((file, n) => file.read(areas[n] ?? Buffer.alloc(AREA), 0, AREA, copy)));
  }
  await Promise.all(files.map((file) => file.close()));
}
