import type { DISK_REASONS } from '../../../shared/reasons/disk.ts';
import type { ErrorTexts } from './types.ts';

/** "Could not read x": the step that failed. */
const STEP = `{doing, select, not_begun {Not begun, as a file before it could not be written} other {Could not {doing, select, read {read} write {write} create {create} open {open} close {close} list {list} find {find} remove {remove} flush {flush} resize {resize} look_at {look at} look_at_the_disk_of {look at the disk of} rename_into_place {rename into place} put_into_place {put into place} make_the_folder {make the folder} set_the_permissions_of {set the permissions of} set_the_owner_of {set the owner of} set_the_times_of {set the times of} flush_the_folder {flush the folder} open_for_writing {open for writing} other {work on}} {path}}}`;

const REFUSALS =
  '{why, select, folder {it is a folder. Name a file or use a pipe.} no_bytes {it is nothing that bytes go through. Use a file or a pipe.} datagrams {it is a socket that carries no stream. Use a file or a pipe.} other {it is closed. Use a file or a pipe.}}';

/** The sentences of these reasons. */
export const diskErrors: ErrorTexts<typeof DISK_REASONS> = {
  'not-a-regular-file': {
    what: '{path} is not a regular file but a device, a pipe or a socket.',
    command: 'To work on a stream, use "-" and a pipe.',
  },
  'nothing-taken': 'Could not write {path}: nothing was taken.',
  'file-of-the-open-vault':
    'Could not open {path}: it belongs to the vault, which is open. To copy it, lock the vault first.',
  'output-took-nothing': 'Could not write standard output: nothing was taken.',
  'device-ended-early':
    'Could not read {name}: the device ended after {length} of {size} bytes. Connect it again and retry.',
  'input-cut-short':
    'Could not read {name}: the file was cut to {length} of {size} bytes meanwhile. Try again when nobody writes to it.',
  cancelled: 'Cancelled.',
  'nothing-there': `${STEP}: there is no such file or folder.`,
  'part-of-path-no-folder': `${STEP}: a part of the path is not a folder.`,
  'is-a-folder': `${STEP}: it is a folder. Name a file in it.`,
  'permission-denied': `${STEP}: permission was denied. Check who may read and write there.`,
  'not-permitted': `${STEP}: the system does not permit it. Check who may read and write there.`,
  'folder-encrypted': `${STEP}: the system has not got the key of this encrypted folder. Unlock the folder and try again.`,
  'sign-in-refused': `${STEP}: your sign-in to this folder has run out or was refused. Sign in to it again and retry.`,
  'disk-full': `${STEP}: the disk is full. Free some space and try again.`,
  'quota-used-up': `${STEP}: your quota on this disk is used up. Free some space and try again.`,
  'file-too-large': `${STEP}: the file is too large for this disk. Choose another disk.`,
  'disk-read-only': `${STEP}: the disk is read-only. Choose another folder.`,
  'name-taken': `${STEP}: there is already something of that name.`,
  'folder-not-empty': `${STEP}: the folder is not empty. Choose another name.`,
  'name-too-long': `${STEP}: the name is too long for this disk. Shorten it.`,
  'not-taken-by-disk': `${STEP}: the disk does not take this; its names may not have all characters. Choose another name or disk.`,
  'characters-not-taken-by-disk': `${STEP}: the disk can't have a name with these characters, or its data is damaged. Choose another name, or check the disk.`,
  'in-use-elsewhere': `${STEP}: another program is using it. Close it there and try again.`,
  'running-program': `${STEP}: it is a program that is running. Close it and try again.`,
  'locked-elsewhere': `${STEP}: another program holds a lock on it. Close it there and try again.`,
  'endless-links': `${STEP}: it is a chain of links that never ends.`,
  'too-many-open-files': `${STEP}: too many files are open. Close other programs and try again.`,
  'out-of-memory': `${STEP}: the system has no memory left. Close other programs and try again.`,
  interrupted: `${STEP}: the system interrupted it. Try again.`,
  'disk-error': `${STEP}: the disk reported an error. Check the disk before you rely on it.`,
  'file-system-damaged': `${STEP}: the file system of the disk is damaged. Have the system check and repair it.`,
  'disk-gone': `${STEP}: the disk is gone. Connect it again and retry.`,
  'no-disk-in-drive': `${STEP}: there is no disk in the drive. Insert it and try again.`,
  'unreadable-kind-of-disk': `${STEP}: the drive can't read this kind of disk. Use another drive.`,
  'drive-off': `${STEP}: the drive is switched off. Switch it on and try again.`,
  'network-folder-gone': `${STEP}: the network folder is gone. Connect it again and retry.`,
  'device-silent': `${STEP}: the network folder or device behind it does not answer. Connect it again and retry.`,
  'disk-not-able': `${STEP}: the disk or its file system can't do this. Choose another disk.`,
  'other-end-stopped': `${STEP}: the program at the other end has stopped.`,
  'given-up': `${STEP}: the system gave it up. Try again.`,
  'step-failed': `${STEP}: {why}.`,
  'error-without-name': `${STEP}: the system answered with an error without a name. Check the disk or the network folder, then try again.`,
  'error-of-another-kind': `${STEP}: the system answered with error {which}. Check the disk or the network folder, then try again.`,
  'name-not-allowed': {
    what: "Could not make {path}: this disk can't have such a name.",
    command: 'Choose another name or disk with --out.',
    window: 'Choose another name or disk.',
  },
  'character-not-allowed': {
    what: "Could not make {path}: this disk can't have a name with {character}.",
    command: 'Choose another name or disk with --out.',
    window: 'Choose another name or disk.',
  },
  'stream-closed':
    'Could not {doing, select, read {read} other {write}} {path}: it is closed, or not open for {doing, select, read {reading} other {writing}}. Use a file or a pipe.',
  'stream-refused': `Could not read standard input: ${REFUSALS}`,
  'output-refused': `Could not write standard output: ${REFUSALS}`,
  'cancelled-while-waiting': 'Cancelled while waiting for another process.',
  'input-changed':
    'Could not read {name}: the file was changed while it was being read. Try again when it is at rest.',
};
