import type { KeySummary, Output } from '../../../shared/contract.ts';
import type { ImportFacts, KeyOverview } from '../../kms/types.ts';

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
    ...(metadata.KeyManager === 'AWS' ? { managed: true as const } : {}),
    ...(metadata.DeletionDate === undefined ? {} : { deletionDate: metadata.DeletionDate.toISOString() }),
    ...(rotation === undefined
      ? {}
      : { rotation: { days: rotation.days, next: rotation.next.toISOString() } }),
  };
}

/** A key with all that is known of it, versions oldest first. */
export function keyDetailOf(overview: KeyOverview): Output<'keys.describe'> {
  const { metadata } = overview;
  return {
    ...keySummaryOf(overview),
    origin: metadata.Origin,
    algorithms: [
      ...(metadata.EncryptionAlgorithms ?? []),
      ...(metadata.SigningAlgorithms ?? []),
      ...(metadata.MacAlgorithms ?? []),
      ...(metadata.KeyAgreementAlgorithms ?? []),
      ...(metadata.EncapsulationAlgorithms ?? []),
    ],
    tags: overview.tags.map(({ TagKey, TagValue }) => ({ key: TagKey, value: TagValue })),
    history: overview.versions.map((version) => ({
      version: version.KeyMaterialId,
      createdAt: version.CreationDate.toISOString(),
      current: version.current,
      ...(version.rotation === null ? {} : { rotation: version.rotation }),
      ...(version.exported === undefined ? {} : { exportedAt: version.exported.toISOString() }),
      ...(version.disabled === undefined ? {} : { disabledAt: version.disabled.toISOString() }),
      ...(version.imported === undefined ? {} : { imported: importOf(version.imported) }),
      ...(version.pendingRotation === undefined ? {} : { pendingRotation: version.pendingRotation }),
    })),
  };
}

function importOf({ ImportState, ValidTo, KeyMaterialDescription: description }: ImportFacts) {
  return {
    here: ImportState === 'IMPORTED',
    ...(ValidTo === undefined ? {} : { expiresAt: ValidTo.toISOString() }),
    ...(description === undefined ? {} : { description }),
  };
}

/** A public key in SubjectPublicKeyInfo as PEM (RFC 7468). */
export function pemOf(publicKey: Uint8Array): string {
  const lines =
    Buffer.from(publicKey)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PUBLIC KEY-----', ...lines, '-----END PUBLIC KEY-----', ''].join('\n');
}
