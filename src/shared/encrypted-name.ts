/** What the name of an encrypted file ends with. */
export const ENCRYPTED_SUFFIX = '.keyward';

/** Whether a name has that ending after something else, as some disks and people spell it too: in capitals. */
export function isEncryptedName(name: string): boolean {
  return name.length > ENCRYPTED_SUFFIX.length && name.toLowerCase().endsWith(ENCRYPTED_SUFFIX);
}
