import { AccessOperations } from './access-operations.ts';
import type { Core } from './core.ts';
import {
  deleteImportedKeyMaterial,
  type ImportedKeyMaterial,
  type ImportKeyMaterialInput,
  importKeyMaterial,
} from './operations/import.ts';
import {
  type GetParametersForImportInput,
  type GetParametersForImportOutput,
  getParametersForImport,
} from './operations/import-parameters.ts';
import {
  disableKeyRotation,
  type EnableKeyRotationInput,
  enableKeyRotation,
  type GetKeyRotationStatusOutput,
  getKeyRotationStatus,
  listKeyRotations,
  rotateKeyOnDemand,
} from './operations/rotation.ts';
import { type KeyVersionInput, type KeyVersionOutput, setVersionState } from './operations/version.ts';
import type * as T from './types.ts';

type Empty = Readonly<Record<string, never>>;

/** The operations on what keys are made of: their rotation and import. */
export class MaterialOperations extends AccessOperations {
  readonly #core: Core;

  constructor(core: Core) {
    super(core);
    this.#core = core;
  }

  /** Gives a key a new version every so many days. */
  async EnableKeyRotation(caller: T.Caller, input: EnableKeyRotationInput): Promise<Empty> {
    enableKeyRotation(this.#core, caller, input);
    return {};
  }

  /** Ends that. */
  async DisableKeyRotation(caller: T.Caller, input: T.KeyIdInput): Promise<Empty> {
    disableKeyRotation(this.#core, caller, input);
    return {};
  }

  /** Tells whether and when a key rotates by itself. */
  async GetKeyRotationStatus(caller: T.Caller, input: T.KeyIdInput): Promise<GetKeyRotationStatusOutput> {
    return getKeyRotationStatus(this.#core, caller, input);
  }

  /** Gives a key a new version, 25 times at most. */
  async RotateKeyOnDemand(caller: T.Caller, input: T.KeyIdInput): Promise<{ KeyId: string }> {
    return rotateKeyOnDemand(this.#core, caller, input);
  }

  /** Lists a key's versions, oldest first. */
  async ListKeyRotations(
    caller: T.Caller,
    input: T.KeyIdInput & T.PageInput & { readonly IncludeKeyMaterial?: string },
  ): Promise<{ Rotations: T.RotationEntry[] } & T.PageOutput> {
    return listKeyRotations(this.#core, caller, input);
  }

  /** Gives a public key to wrap material under, and the token that goes with it. */
  async GetParametersForImport(
    caller: T.Caller,
    input: GetParametersForImportInput,
  ): Promise<GetParametersForImportOutput> {
    return getParametersForImport(this.#core, caller, input);
  }

  /** Imports material into a key that was made for it. */
  async ImportKeyMaterial(caller: T.Caller, input: ImportKeyMaterialInput): Promise<ImportedKeyMaterial> {
    return importKeyMaterial(this.#core, caller, input);
  }

  /** Deletes imported material; the same can be imported again. */
  async DeleteImportedKeyMaterial(
    caller: T.Caller,
    input: T.KeyIdInput & { readonly KeyMaterialId?: string },
  ): Promise<ImportedKeyMaterial> {
    return deleteImportedKeyMaterial(this.#core, caller, input);
  }

  /** Revokes one version of a key, which is not AWS's: nothing that was encrypted under it opens any more. */
  async disableVersion(caller: T.Caller, input: KeyVersionInput): Promise<KeyVersionOutput> {
    return setVersionState(this.#core, caller, input, 'Disabled');
  }

  /** Takes that back. */
  async enableVersion(caller: T.Caller, input: KeyVersionInput): Promise<KeyVersionOutput> {
    return setVersionState(this.#core, caller, input, 'Enabled');
  }
}
