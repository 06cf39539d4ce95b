import type { KeySummary, Output } from '../../shared/contract.ts';
import type { KeyOverview } from '../kms/types.ts';

/** A key as faces list it. */
export function keySummaryOf({ metadata, aliases, versions, rotation }: KeyOverview): KeySummary {
  return {
    keyId: metadata.KeyId,
    arn: metadata.Arn,
    aliases: [...aliases],
    description: metadata.Description,
    state: metadata.KeyState,
    createdAt: metadata.CreationDate.toISOString(),
    spec: metadata.KeySpec,
    usage: metadata.KeyUsage,
    currentVersion: versions.find(({ current }) => current)?.KeyMaterialId ?? '',
    versions: versions.length,
    ...(metadata.DeletionDate === undefined ? {} : { deletionDate: metadata.DeletionDate.toISOString() }),
    ...(rotation === undefined
      ? {}
      : { rotation: { days: rotation.days, next: rotation.next.toISOString() } }),
  };
}

/** A key with all its versions, oldest first. */
export function keyDetailOf(overview: KeyOverview): Output<'keys.describe'> {
  return {
    ...keySummaryOf(overview),
    history: overview.versions.map((version) => ({
      version: version.KeyMaterialId,
      createdAt: version.CreationDate.toISOString(),
      current: version.current,
      ...(version.exported === undefined ? {} : { exportedAt: version.exported.toISOString() }),
    })),
  };
}
