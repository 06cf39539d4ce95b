import { constants } from 'node:os';
import { type ErrorCode, KeywardError } from '../../shared/errors.ts';

type Cause = { readonly code: ErrorCode; readonly words: string };

const AWAY = 'the network folder or device behind it does not answer. Connect it again and retry';
const BAD_DISK = 'the disk reported an error. Check the disk before you rely on it';
const NO_ACCESS = 'Check who may read and write there';
const NOT_ABLE = "the disk or its file system can't do this. Choose another disk";

/** What each errno means to people: what happened, and what to do next. */
const CAUSES: { readonly [errno: string]: Cause } = {
  ENOENT: { code: 'SourceNotFound', words: 'there is no such file or folder' },
  ENOTDIR: { code: 'SourceNotFound', words: 'a part of the path is not a folder' },
  EISDIR: { code: 'SourceIsFolder', words: 'it is a folder. Name a file in it' },
  EACCES: { code: 'PermissionDenied', words: `permission was denied. ${NO_ACCESS}` },
  EPERM: { code: 'PermissionDenied', words: `the system does not permit it. ${NO_ACCESS}` },
  ENOKEY: {
    code: 'PermissionDenied',
    words: 'the system has not got the key of this encrypted folder. Unlock the folder and try again',
  },
  ...each('EKEYEXPIRED EKEYREVOKED EKEYREJECTED EAUTH ENEEDAUTH', {
    code: 'PermissionDenied',
    words: 'your sign-in to this folder has run out or was refused. Sign in to it again and retry',
  }),
  ENOSPC: { code: 'DiskFull', words: 'the disk is full. Free some space and try again' },
  EDQUOT: { code: 'DiskFull', words: 'your quota on this disk is used up. Free some space and try again' },
  EFBIG: { code: 'DiskFull', words: 'the file is too large for this disk. Choose another disk' },
  EROFS: { code: 'DiskReadOnly', words: 'the disk is read-only. Choose another folder' },
  EEXIST: { code: 'TargetExists', words: 'there is already something of that name' },
  ENOTEMPTY: { code: 'TargetExists', words: 'the folder is not empty. Choose another name' },
  ENAMETOOLONG: { code: 'NameTooLong', words: 'the name is too long for this disk. Shorten it' },
  EINVAL: {
    code: 'IoFailed',
    words: 'the disk does not take this; its names may not have all characters. Choose another name or disk',
  },
  EILSEQ: {
    code: 'IoFailed',
    words:
      "the disk can't have a name with these characters, or its data is damaged. Choose another name, or check the disk",
  },
  EBUSY: { code: 'FileBusy', words: 'another program is using it. Close it there and try again' },
  ETXTBSY: { code: 'FileBusy', words: 'it is a program that is running. Close it and try again' },
  ...each('EAGAIN EDEADLK ENOLCK', {
    code: 'FileBusy',
    words: 'another program holds a lock on it. Close it there and try again',
  }),
  ELOOP: { code: 'SourceUnreadable', words: 'it is a chain of links that never ends' },
  EMFILE: { code: 'IoFailed', words: 'too many files are open. Close other programs and try again' },
  ENFILE: { code: 'IoFailed', words: 'too many files are open. Close other programs and try again' },
  ...each('ENOMEM ENOBUFS', {
    code: 'IoFailed',
    words: 'the system has no memory left. Close other programs and try again',
  }),
  EINTR: { code: 'IoFailed', words: 'the system interrupted it. Try again' },
  EIO: { code: 'IoFailed', words: BAD_DISK },
  ...each('EREMOTEIO ENODATA EHWPOISON EDEVERR EBADF EFAULT', { code: 'IoFailed', words: BAD_DISK }),
  ...each('EUCLEAN EBADMSG', {
    code: 'IoFailed',
    words: 'the file system of the disk is damaged. Have the system check and repair it',
  }),
  ENXIO: { code: 'IoFailed', words: 'the disk is gone. Connect it again and retry' },
  ENODEV: { code: 'IoFailed', words: 'the disk is gone. Connect it again and retry' },
  ENOMEDIUM: { code: 'IoFailed', words: 'there is no disk in the drive. Insert it and try again' },
  EMEDIUMTYPE: { code: 'IoFailed', words: "the drive can't read this kind of disk. Use another drive" },
  EPWROFF: { code: 'IoFailed', words: 'the drive is switched off. Switch it on and try again' },
  ESTALE: { code: 'IoFailed', words: 'the network folder is gone. Connect it again and retry' },
  ...each(
    'EHOSTDOWN EHOSTUNREACH ENETDOWN ENETUNREACH ENETRESET ENONET ENOLINK EREMOTE EREMCHG ECOMM ETIMEDOUT ETIME ' +
      'ECONNREFUSED ECONNRESET ECONNABORTED ENOTCONN ESHUTDOWN EPROTO EBADE EBADFD EBADRPC',
    { code: 'IoFailed', words: AWAY },
  ),
  ...each('ENOTSUP EOPNOTSUPP ENOSYS ENOTTY ESPIPE EXDEV EMLINK EOVERFLOW', {
    code: 'IoFailed',
    words: NOT_ABLE,
  }),
  EPIPE: { code: 'IoFailed', words: 'the program at the other end has stopped' },
  ECANCELED: { code: 'IoFailed', words: 'the system gave it up. Try again' },
};

/** Numbers that neither Node's errors nor `os.constants` name, by platform: Linux's asm-generic/errno.h, XNU's errno.h. */
const UNNAMED: { readonly [platform: string]: { readonly [number: number]: string } } = {
  linux: {
    ...{
      52: 'EBADE',
      64: 'ENONET',
      66: 'EREMOTE',
      70: 'ECOMM',
      77: 'EBADFD',
      78: 'EREMCHG',
      108: 'ESHUTDOWN',
    },
    ...{
      112: 'EHOSTDOWN',
      117: 'EUCLEAN',
      121: 'EREMOTEIO',
      123: 'ENOMEDIUM',
      124: 'EMEDIUMTYPE',
      126: 'ENOKEY',
    },
    ...{ 127: 'EKEYEXPIRED', 128: 'EKEYREVOKED', 129: 'EKEYREJECTED', 133: 'EHWPOISON' },
  },
  darwin: {
    ...{ 58: 'ESHUTDOWN', 64: 'EHOSTDOWN', 71: 'EREMOTE', 72: 'EBADRPC', 80: 'EAUTH', 81: 'ENEEDAUTH' },
    ...{ 82: 'EPWROFF', 83: 'EDEVERR' },
  },
};

const NAMES: { readonly [number: number]: string } = {
  ...Object.fromEntries(Object.entries(constants.errno).map(([name, number]) => [number, name])),
  ...UNNAMED[process.platform],
};

function each(names: string, cause: Cause): { readonly [errno: string]: Cause } {
  return Object.fromEntries(names.split(' ').map((name) => [name, cause]));
}

/**
 * The name of the errno in what Node threw; empty where there is none. Node itself knows only some: of the others it
 * says "Unknown system error" and gives the number, negative, which each platform has its own of.
 */
export function errnoName({ code = '', errno }: NodeJS.ErrnoException): string {
  if (!code.startsWith('Unknown system error') || errno === undefined) return code;
  return NAMES[Math.abs(errno)] ?? code;
}

/** The cause of a failed step in words for people, and its code. */
export function causeOf(error: NodeJS.ErrnoException): Cause {
  const known = CAUSES[errnoName(error)];
  if (known !== undefined) return known;
  // What has no number comes from this program, and says itself what is wrong.
  if (error.errno === undefined) return { code: 'IoFailed', words: error.message };
  const name = errnoName(error);
  // Windows has reasons that Node has no name for.
  const which = /^E[A-Z0-9]+$/.test(name)
    ? `error ${name}`
    : name === 'UNKNOWN'
      ? 'an error without a name'
      : `error ${Math.abs(error.errno)}`;
  return {
    code: 'IoFailed',
    words: `the system answered with ${which}. Check the disk or the network folder, then try again`,
  };
}

/** True for what Node throws from the file system; with names of errnos, only for those. */
export function isErrno(error: unknown, ...names: readonly string[]): error is NodeJS.ErrnoException {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  if (typeof code !== 'string') return false;
  return names.length === 0 || names.includes(errnoName(error as NodeJS.ErrnoException));
}

/** What is no file of bytes that end: reading it could wait for ever. */
export function notRegular(path: string): KeywardError {
  return new KeywardError(
    'SourceNotRegular',
    `${path} is not a regular file but a device, a pipe or a socket. To work on a stream, use "-" and a pipe.`,
    { path },
  );
}

/**
 * The error for a failed step on `path`, naming the real cause (pitfall 7). What is already ours passes
 * through. `doing` completes the sentence "Could not …": "read", "write", "rename".
 */
export function diskError(error: unknown, doing: string, path: string): KeywardError {
  if (error instanceof KeywardError) return error;
  if (!isErrno(error)) throw error;
  const { code, words } = causeOf(error);
  return new KeywardError(
    code,
    `Could not ${doing} ${path}: ${words}.`,
    { path, errno: errnoName(error) },
    error,
  );
}
