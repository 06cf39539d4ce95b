import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { newKey, newVault, OWNER, refusal } from './support.ts';

const DAY = 86_400_000;

describe('automatic rotation', () => {
  it('makes one version for all the dates that were missed, dated now, with the due date in the log', async () => {
    const vault = newVault();
    const { kms, clock } = vault;
    const { id, arn } = await newKey(vault);
    await kms.EnableKeyRotation(OWNER, { KeyId: id, RotationPeriodInDays: 90 });
    const due = clock.now() + 90 * DAY;
    expect(await kms.GetKeyRotationStatus(OWNER, { KeyId: id })).toEqual({
      KeyId: arn,
      KeyRotationEnabled: true,
      RotationPeriodInDays: 90,
      NextRotationDate: new Date(due),
    });
    clock.advance(90 * DAY - 1);
    expect(kms.runUnlockMaintenance(OWNER, undefined).rotated).toEqual([]);
    clock.advance(5 * 365 * DAY);
    expect(kms.runUnlockMaintenance(OWNER, undefined).rotated).toEqual([id]);
    expect(kms.runUnlockMaintenance(OWNER, undefined).rotated).toEqual([]);
    const { Rotations } = await kms.ListKeyRotations(OWNER, { KeyId: id });
    expect(Rotations).toMatchObject([{ RotationType: 'AUTOMATIC', RotationDate: new Date(clock.now()) }]);
    const [entry] = vault.audit.list({ limit: 20 }).filter(({ eventName }) => eventName === 'RotateKey');
    expect(entry).toMatchObject({
      keyArns: [arn],
      requestParameters: { dueDate: new Date(due).toISOString() },
    });
    const { NextRotationDate } = await kms.GetKeyRotationStatus(OWNER, { KeyId: id });
    expect(NextRotationDate).toEqual(new Date(clock.now() + 90 * DAY));
  });

  it('leaves disabled keys, those that stopped it, and those pending deletion', async () => {
    const vault = newVault();
    const { kms, clock } = vault;
    const [off, stopped, going] = [await newKey(vault), await newKey(vault), await newKey(vault)];
    for (const { id: KeyId } of [off, stopped, going]) await kms.EnableKeyRotation(OWNER, { KeyId });
    await kms.DisableKey(OWNER, { KeyId: off.id });
    await kms.DisableKeyRotation(OWNER, { KeyId: stopped.id });
    await kms.ScheduleKeyDeletion(OWNER, { KeyId: going.id });
    clock.advance(366 * DAY);
    expect(kms.runUnlockMaintenance(OWNER, undefined).rotated).toEqual([]);
    const status = await kms.GetKeyRotationStatus(OWNER, { KeyId: going.id });
    expect(status).toEqual({ KeyId: going.arn, KeyRotationEnabled: false });
  });

  it.each([89, 2_561, 90.5])('refuses a period of %d days', async (RotationPeriodInDays) => {
    const vault = newVault();
    const { id: KeyId } = await newKey(vault);
    const { code } = await refusal(vault.kms.EnableKeyRotation(OWNER, { KeyId, RotationPeriodInDays }));
    expect(code).toBe('ValidationException');
  });
});

describe('deletion', () => {
  it('leaves nothing of the material on the disk, in the database’s journal neither', async () => {
    const vault = newVault();
    const { id } = await newKey(vault);
    const [row] = vault.store.read((tx) =>
      tx.all<{ body: Buffer }>("SELECT body FROM records WHERE room = 'key-versions'"),
    );
    const sealed = Buffer.from(/"wrapped":"([^"]+)"/.exec(row?.body.toString() ?? '')?.[1] ?? '?');
    const { path } = vault.store;
    const isOnDisk = () => [path, `${path}-wal`].some((file) => readFileSync(file).includes(sealed));
    await vault.kms.ScheduleKeyDeletion(OWNER, { KeyId: id, PendingWindowInDays: 7 });
    vault.clock.advance(7 * DAY);
    vault.kms.runUnlockMaintenance(OWNER, undefined);
    vault.clock.advance(DAY);
    expect(isOnDisk()).toBe(true);
    expect(vault.kms.runUnlockMaintenance(OWNER, undefined).shredded).toEqual([id]);
    expect(isOnDisk()).toBe(false);
  });

  it('is told at the first unlock after its date and done a day later; a mark stays', async () => {
    const vault = newVault();
    const { kms, clock, store, records } = vault;
    const { id, arn } = await newKey(vault, 'alias/gone');
    await kms.RotateKeyOnDemand(OWNER, { KeyId: id });
    const answer = await kms.ScheduleKeyDeletion(OWNER, { KeyId: id, PendingWindowInDays: 7 });
    const date = new Date(clock.now() + 7 * DAY);
    expect(answer).toEqual({
      KeyId: arn,
      DeletionDate: date,
      KeyState: 'PendingDeletion',
      PendingWindowInDays: 7,
    });
    expect((await kms.DescribeKey(OWNER, { KeyId: id })).KeyMetadata).toMatchObject({
      KeyState: 'PendingDeletion',
      Enabled: false,
      DeletionDate: date,
    });
    clock.advance(7 * DAY - 1);
    expect(kms.runUnlockMaintenance(OWNER, undefined)).toMatchObject({ due: [], shredded: [] });
    clock.advance(30 * DAY);
    expect(kms.runUnlockMaintenance(OWNER, undefined)).toMatchObject({ due: [id], shredded: [] });
    clock.advance(DAY - 1);
    expect(kms.runUnlockMaintenance(OWNER, undefined)).toMatchObject({ due: [id], shredded: [] });
    clock.advance(1);
    expect(kms.runUnlockMaintenance(OWNER, clock.now() + 1)).toMatchObject({ shredded: [], suspended: true });
    expect(kms.runUnlockMaintenance(OWNER, clock.now())).toMatchObject({ due: [], shredded: [id] });
    expect((await refusal(kms.DescribeKey(OWNER, { KeyId: id }))).message).toBe(
      `Key '${arn}' does not exist`,
    );
    expect((await refusal(kms.DescribeKey(OWNER, { KeyId: 'alias/gone' }))).code).toBe('NotFoundException');
    const left = store.read((tx) =>
      tx.all<{ room: string }>('SELECT room FROM records WHERE id LIKE ?', `${id}%`),
    );
    expect(left).toEqual([{ room: 'shredded-keys' }]);
    expect(() => store.read((tx) => records.verifyAll(tx))).not.toThrow();
    const names = vault.audit.list({ limit: 3 }).map(({ eventName }) => eventName);
    expect(names).toContain('DeleteKey');
  });

  it('can be cancelled until it is done; the key is disabled then', async () => {
    const vault = newVault();
    const { kms, clock } = vault;
    const { id: KeyId, arn } = await newKey(vault);
    await kms.ScheduleKeyDeletion(OWNER, { KeyId });
    clock.advance(31 * DAY);
    expect(kms.runUnlockMaintenance(OWNER, undefined).due).toEqual([KeyId]);
    expect(await kms.CancelKeyDeletion(OWNER, { KeyId })).toEqual({ KeyId: arn });
    expect((await kms.DescribeKey(OWNER, { KeyId })).KeyMetadata.KeyState).toBe('Disabled');
    clock.advance(31 * DAY);
    expect(kms.runUnlockMaintenance(OWNER, undefined)).toMatchObject({ due: [], shredded: [] });
  });

  it.each([6, 31, 7.5])('refuses a window of %d days', async (PendingWindowInDays) => {
    const vault = newVault();
    const { id: KeyId } = await newKey(vault);
    const { code } = await refusal(vault.kms.ScheduleKeyDeletion(OWNER, { KeyId, PendingWindowInDays }));
    expect(code).toBe('ValidationException');
  });
});

describe('tags', () => {
  it('are added, replaced, listed by pages and taken off', async () => {
    const vault = newVault();
    const { kms } = vault;
    const { KeyId } = (await kms.CreateKey(OWNER, { Tags: [{ TagKey: 'b', TagValue: '1' }] })).KeyMetadata;
    await kms.TagResource(OWNER, {
      KeyId,
      Tags: [
        { TagKey: 'a', TagValue: '' },
        { TagKey: 'b', TagValue: '2' },
      ],
    });
    const first = await kms.ListResourceTags(OWNER, { KeyId, Limit: 1 });
    expect(first).toMatchObject({ Tags: [{ TagKey: 'a', TagValue: '' }], Truncated: true });
    const { NextMarker: Marker = '' } = first;
    expect((await kms.ListResourceTags(OWNER, { KeyId, Marker })).Tags).toEqual([
      { TagKey: 'b', TagValue: '2' },
    ]);
    await kms.UntagResource(OWNER, { KeyId, TagKeys: ['b', 'none'] });
    expect((await kms.ListResourceTags(OWNER, { KeyId })).Tags).toEqual([{ TagKey: 'a', TagValue: '' }]);
    const many = Array.from({ length: 50 }, (_, n) => ({ TagKey: `k${n}`, TagValue: '' }));
    expect((await refusal(kms.TagResource(OWNER, { KeyId, Tags: many }))).message).toBe('Too many tags');
  });
});
