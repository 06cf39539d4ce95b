import type { ExtendedMetadata } from '../disk/extended-metadata.ts';

/** What of permissions and other attributes is kept: the mode as bits, and what is worth telling. */
type Kept = { readonly mode: number; readonly notes: readonly string[] };

/**
 * Permissions of a file, to be given to one whose group is another: what both its group and all others had.
 * Nobody has more than before: members of the old group are others now, and others may be members of the new one.
 */
export function withoutGroup(mode: number): number {
  const both = mode & (mode >> 3) & 0o7;
  return (mode & ~0o077) | (both << 3) | both;
}

/**
 * Which permissions of a file are kept, so that nobody has more than before (pitfall 57): with an access control
 * list the group's bits are a mask, and the list may deny what all others may; the list itself is not kept. `sameGroup`:
 * the file that they are kept for will have the same group.
 */
export function keptPermissions(
  mode: number,
  { acl, attributes }: ExtendedMetadata,
  sameGroup: boolean,
): Kept {
  const notes: string[] = [];
  let kept = mode;
  if (acl !== false && (mode & 0o077) !== 0) {
    kept &= ~0o077;
    notes.push(
      acl === true
        ? 'Its access control list is not kept, so only its owner has permissions on the file that takes its place.'
        : "Whether it has an access control list could not be found out, so only its owner's permissions are kept.",
    );
  } else if (!sameGroup && withoutGroup(mode) !== mode) {
    kept = withoutGroup(mode);
    notes.push(
      "The permissions of its group are not kept: the file that takes its place won't be of that group.",
    );
  }
  if (attributes.length > 0) notes.push(`Its extended attributes are not kept: ${listed(attributes)}.`);
  return { mode: kept, notes };
}

/**
 * Which of the permissions that were kept a new file gets. `acl`: its folder has given it an access control list, for
 * which the group's bits would be a mask. `umask`: of whoever decrypts a file that others may have made.
 */
export function givenPermissions(
  mode: number,
  { acl, sameGroup, umask }: { readonly acl: boolean; readonly sameGroup: boolean; readonly umask: number },
): number {
  // Set-user-id and its kin are not given to a file that may come from a stranger.
  const given = (sameGroup ? mode : withoutGroup(mode)) & 0o777 & ~umask;
  return acl ? given & ~0o070 : given;
}

function listed(names: readonly string[]): string {
  const more = names.length - 3;
  return names.slice(0, 3).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
