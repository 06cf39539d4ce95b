import type { Edk } from '../envelope/aws/header.ts';
import { rawAesName } from '../envelope/aws/raw-aes.ts';

/** Namespace and name of our own keys in AWS messages: see `rawAesKeyName` of the key core. */
const NAMESPACE = 'keyward';
const LOCAL_NAME = /^([0-9a-f-]{36})\/([0-9a-f]{64})$/;

/** The key and version that a slot of this vault's keys names; `undefined` for a slot of anybody else's. */
export function localSlotOf(edk: Edk): { readonly keyId: string; readonly versionId: string } | undefined {
  if (edk.providerId !== NAMESPACE) return undefined;
  const [, keyId, versionId] = LOCAL_NAME.exec(rawAesName(edk) ?? '') ?? [];
  return keyId === undefined || versionId === undefined ? undefined : { keyId, versionId };
}
