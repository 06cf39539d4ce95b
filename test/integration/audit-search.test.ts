import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Input, Output } from '../../src/shared/contract.ts';
import { only } from '../support/live-vault.ts';
import { oneVault } from '../support/one-vault.ts';

const vault = await oneVault();

async function events(query: Partial<Input<'audit.list'>>): Promise<string[]> {
  const { entries } = await vault.call('audit.list', { limit: 1_000, ...query });
  return entries.map(({ eventName }) => eventName);
}

/** Entries that nobody looks for. */
async function fill(count: number): Promise<void> {
  const look = () => vault.call('kms.call', { operation: 'DescribeKey', input: { KeyId: 'alias/my-files' } });
  for (let n = 0; n < count; n += 100) await Promise.all(Array.from({ length: 100 }, look));
}

describe('a search of the log', () => {
  it('finds a file by its message id and by its path, however long ago it was', async () => {
    writeFileSync(vault.path('letter'), 'Dear all');
    const { output } = only(await vault.encrypt(vault.path('letter')));
    const { messageId } = await vault.call('files.inspect', { source: output ?? '' });
    await fill(2_400);
    await vault.decrypt(output ?? '', { out: vault.path('again') });
    expect(await events({ file: { messageId } })).toEqual(['Decrypt', 'GenerateDataKey']);
    expect(await events({ file: { path: vault.path('letter') } })).toEqual(['GenerateDataKey']);
    expect(await events({ file: { path: vault.path('letter'), messageId } })).toHaveLength(2);
    expect(await events({ file: { messageId: '0'.repeat(64) } })).toEqual([]);
  });

  it('knows who, what became of it, and when', async () => {
    const before = new Date(Date.now() - 1).toISOString();
    await expect(vault.call('keys.disable', { key: 'nothing' })).rejects.toMatchObject({
      code: 'NotFoundException',
    });
    expect(await events({ since: before, outcome: 'failure' })).toEqual(['DisableKey']);
    expect(await events({ since: before, outcome: 'NotFoundException', principal: 'user/cli' })).toHaveLength(
      1,
    );
    expect(await events({ since: before, outcome: 'success', lookups: false })).toEqual([]);
    expect(await events({ until: before, outcome: 'NotFoundException' })).toEqual([]);
    expect(await events({ principal: 'nobody' })).toEqual([]);
    expect(await events({ event: 'InitVault', principal: 'owner' })).toEqual(['InitVault']);
  });

  it('takes the id or ARN of a key that is nowhere, and no other name that is', async () => {
    const id = '00000000-1111-4222-8333-444444444444';
    expect(await events({ key: id })).toEqual([]);
    await expect(events({ key: 'alias/nowhere' })).rejects.toMatchObject({ code: 'NotFoundException' });
    expect((await events({ key: 'my-files', event: 'CreateKey' })).length).toBe(1);
  });

  it('gives cursors that lead through all of it', async () => {
    const query = { limit: 70, event: 'DescribeKey' };
    let found = 0;
    let before: number | undefined;
    do {
      const page: Output<'audit.list'> = await vault.call(
        'audit.list',
        before === undefined ? query : { ...query, before },
      );
      found += page.entries.length;
      before = page.next;
    } while (before !== undefined);
    expect(found).toBe(2_400);
  });

  it('has its index built on behind the open vault, where it was left', async () => {
    const stop = new AbortController();
    const building = vault.call('audit.reindex', {}, { signal: stop.signal });
    stop.abort();
    await expect(building).rejects.toMatchObject({ code: 'Cancelled' });
    await vault.reopen();
    const { unindexed } = await vault.call('audit.list', { limit: 1 });
    // Of a vault opened on its own the first slices wait for two seconds.
    expect(unindexed).toBeGreaterThan(0);
    expect((await events({ event: 'DescribeKey' })).length).toBeGreaterThan(900);
    await expect
      .poll(async () => (await vault.call('audit.list', { limit: 1 })).unindexed, { timeout: 20_000 })
      .toBeUndefined();
    expect(await vault.call('audit.verify', {})).toMatchObject({ ok: true, unindexed: 0 });
    expect(await events({ event: 'RebuildAuditIndex' })).toEqual(['RebuildAuditIndex']);
  });

  it('is built anew by those who may', async () => {
    await vault.call('vault.stepDown', { role: 'operator' });
    await expect(vault.call('audit.reindex', {})).rejects.toMatchObject({ code: 'AccessDeniedException' });
  });
});
