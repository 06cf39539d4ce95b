import { coalesced } from './coalesce.ts';
import type { OpenFile } from './file.ts';
import { givenFile, runTool, systemTool } from './system-tools.ts';

/**
 * What a file has beside mode, owner and times. `acl`: an access control list, by which its group's bits are a mask and
 * not the group's rights (POSIX.1e draft 17, 23.1.4); `undefined` if that could not be found out. `attributes`: names of
 * extended attributes that hold something of the user's, as far as they can be listed.
 */
export type ExtendedMetadata = { readonly acl: boolean | undefined; readonly attributes: readonly string[] };

/** Descriptors that are given to a program at a time. */
const MAX = 256;

/** Extended attributes that the system keeps for itself, or that it gives every file. */
const SYSTEMS_OWN = /^(system\.|trusted\.|security\.(selinux|ima|evm|apparmor|SMACK))/;

/** Access control lists as extended attributes: POSIX, NFS version 4, SMB. */
const LISTS = /^system\.(posix_acl_access|nfs4_acl|richacl|cifs_acl|smb3_acl)$/;

const look = coalesced(MAX, async (descriptors: readonly number[]): Promise<ExtendedMetadata[]> => {
  const files = descriptors.map((_, index) => givenFile(index));
  const getfattr = systemTool('getfattr');
  if (getfattr !== undefined) {
    const said = await runTool(getfattr, ['--absolute-names', '-m', '-', '--', ...files], { descriptors });
    if (said !== undefined) return files.map((file) => fromList(said, file));
  }
  const ls = systemTool('ls');
  const said = ls === undefined ? undefined : await runTool(ls, ['-ldnL', '--', ...files], { descriptors });
  return files.map((file) => ({ acl: fromLine(said ?? '', file), attributes: [] }));
});

/**
 * Looks for what Node tells nothing of, by the system's `getfattr`, or by `ls`, which knows of access control lists only.
 * Many files at the same time share one run. On other systems than Linux nothing is looked for.
 */
export async function extendedMetadataOf(file: OpenFile): Promise<ExtendedMetadata> {
  if (process.platform !== 'linux') return { acl: false, attributes: [] };
  return look(file.descriptor);
}

/** What `getfattr -m -` says of one file: a line `# file: …`, then one name a line, then an empty line. */
export function fromList(said: string, file: string): ExtendedMetadata {
  const [, after = ''] = said.split(`# file: ${file}\n`);
  const names = (after.split('\n\n')[0] ?? '').split('\n').filter((name) => name !== '');
  return {
    acl: names.some((name) => LISTS.test(name)),
    attributes: names.filter((name) => !SYSTEMS_OWN.test(name)),
  };
}

/** What `ls -ld` says of one file: a `+` behind the mode stands for an access control list (POSIX.1-2017, ls). */
export function fromLine(said: string, file: string): boolean | undefined {
  const line = said.split('\n').find((one) => one.endsWith(` ${file}`));
  if (line === undefined) return undefined;
  return line[10] === '+';
}
