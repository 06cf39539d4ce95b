import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { documents } from '../../src/cli/json-documents.ts';
import { BUILT, CommandHome } from '../support/command.ts';

/* The log as the built command tells it. */
const home = await CommandHome.make();
afterAll(() => home.end());

/** Runs SQL on the vault's database from outside. */
function tamper(sql: string): void {
  const db = new Database(join(home.home, 'vault.db'));
  try {
    db.exec(sql);
  } finally {
    db.close();
  }
}

async function listed(...words: string[]) {
  const { out } = await home.run(['audit', 'list', ...words, ...home.unlocking]);
  return documents['audit list'].parse(JSON.parse(out));
}

describe('an entry that is not as Keyward wrote it', () => {
  it('is marked in words and in the document, and so is one that follows a gap (pitfall 67)', async () => {
    for (const name of ['one', 'two', 'three']) {
      await home.run(['keys', 'create', `alias/${name}`, ...home.unlocking]);
    }
    const { entries } = await listed('-n', '100');
    expect(entries.every(({ intact }) => intact)).toBe(true);
    const made = entries.filter(({ eventName }) => eventName === 'CreateKey').map(({ seq }) => seq);
    const [newest = 0, middle = 0] = made;
    // Another name in the same bytes' length, and an entry that is taken away.
    tamper(`UPDATE audit SET body = CAST(replace(body, 'CreateKey', 'CreateBox') AS BLOB) WHERE seq = ${newest};
            DELETE FROM audit WHERE seq = ${middle};`);
    const after = await listed('-n', '100');
    const broken = after.entries.filter(({ intact }) => !intact).map(({ seq }) => seq);
    expect(broken).toEqual([newest, middle + 1]);
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [BUILT, 'audit', 'list', '-n', '100', ...home.unlocking],
      { env: home.env },
    );
    const marked = stdout.split('\n').filter((line) => line.includes('NOT GENUINE'));
    expect(marked.map((line) => Number(line.split(' ')[0]))).toEqual([newest, middle + 1]);
    expect(stderr).toContain('keyward audit verify');
    const verdict = z
      .object({ error: z.object({ code: z.string(), details: z.object({ firstBroken: z.number() }) }) })
      .parse(JSON.parse((await home.run(['audit', 'verify', ...home.unlocking])).out));
    expect(verdict.error).toMatchObject({ code: 'AuditBroken', details: { firstBroken: middle } });
  });
});
