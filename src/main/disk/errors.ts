import { constants } from 'node:os';
import { type ErrorDetails, fail, KeywardError } from '../../shared/errors.ts';
import type { CauseReason, Doing } from '../../shared/reasons/disk.ts';

/** Why a step failed, by its errno. */
const CAUSES: { readonly [errno: string]: CauseReason } = {
  ENOENT: 'nothing-there',
  ENOTDIR: 'part-of-path-no-folder',
  EISDIR: 'is-a-folder',
  EACCES: 'permission-denied',
  EPERM: 'not-permitted',
  ENOKEY: 'folder-encrypted',
  ...each('EKEYEXPIRED EKEYREVOKED EKEYREJECTED EAUTH ENEEDAUTH', 'sign-in-refused'),
  ENOSPC: 'disk-full',
  EDQUOT: 'quota-used-up',
  EFBIG: 'file-too-large',
  EROFS: 'disk-read-only',
  EEXIST: 'name-taken',
  ENOTEMPTY: 'folder-not-empty',
  ENAMETOOLONG: 'name-too-long',
  EINVAL: 'not-taken-by-disk',
  EILSEQ: 'characters-not-taken-by-disk',
  EBUSY: 'in-use-elsewhere',
  ETXTBSY: 'running-program',
  ...each('EAGAIN EDEADLK ENOLCK', 'locked-elsewhere'),
  ELOOP: 'endless-links',
  EMFILE: 'too-many-open-files',
  ENFILE: 'too-many-open-files',
  ...each('ENOMEM ENOBUFS', 'out-of-memory'),
  EINTR: 'interrupted',
  EIO: 'disk-error',
  ...each('EREMOTEIO ENODATA EHWPOISON EDEVERR EBADF EFAULT', 'disk-error'),
  ...each('EUCLEAN EBADMSG', 'file-system-damaged'),
  ENXIO: 'disk-gone',
  ENODEV: 'disk-gone',
  ENOMEDIUM: 'no-disk-in-drive',
  EMEDIUMTYPE: 'unreadable-kind-of-disk',
  EPWROFF: 'drive-off',
  ESTALE: 'network-folder-gone',
  ...each(
    'EHOSTDOWN EHOSTUNREACH ENETDOWN ENETUNREACH ENETRESET ENONET ENOLINK EREMOTE EREMCHG ECOMM ETIMEDOUT ETIME ' +
      'ECONNREFUSED ECONNRESET ECONNABORTED ENOTCONN ESHUTDOWN EPROTO EBADE EBADFD EBADRPC',
    'device-silent',
  ),
  ...each('ENOTSUP EOPNOTSUPP ENOSYS ENOTTY ESPIPE EXDEV EMLINK EOVERFLOW', 'disk-not-able'),
  EPIPE: 'other-end-stopped',
  ECANCELED: 'given-up',
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

function each(names: string, cause: CauseReason): { readonly [errno: string]: CauseReason } {
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

function causeOf(
  error: NodeJS.ErrnoException,
  step: { doing: Doing; path: string },
  details: ErrorDetails,
): KeywardError {
  const known = CAUSES[errnoName(error)];
  if (known !== undefined) return fail(known, step, details, error);
  // What has no number comes from this program, and says itself what is wrong.
  if (error.errno === undefined) return fail('step-failed', { ...step, why: error.message }, details, error);
  const name = errnoName(error);
  // Windows has reasons that Node has no name for.
  if (name === 'UNKNOWN') return fail('error-without-name', step, details, error);
  const which = /^E[A-Z0-9]+$/.test(name) ? name : String(Math.abs(error.errno));
  return fail('error-of-another-kind', { ...step, which }, details, error);
}

/** True for what Node throws from the file system; with names of errnos, only for those. */
export function isErrno(error: unknown, ...names: readonly string[]): error is NodeJS.ErrnoException {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  if (typeof code !== 'string') return false;
  return names.length === 0 || names.includes(errnoName(error as NodeJS.ErrnoException));
}

/** What is no file of bytes that end: reading it could wait for ever. */
export function notRegular(path: string): KeywardError {
  return fail('not-a-regular-file', { path });
}

/**
 * The error for a failed step on `path`, naming the real cause (pitfall 7). What is already ours passes
 * through.
 */
export function diskError(error: unknown, doing: Doing, path: string): KeywardError {
  if (error instanceof KeywardError) return error;
  if (!isErrno(error)) throw error;
  return causeOf(error, { doing, path }, { path, errno: errnoName(error) });
}

/** As `diskError`, for a stream: `name` is what messages call it. */
export function streamError(error: NodeJS.ErrnoException, doing: Doing, name: string): KeywardError {
  const errno = errnoName(error);
  const cause = errno === 'ERR_STREAM_DESTROYED' ? { ...error, code: 'EPIPE' } : error;
  return causeOf(cause, { doing, path: name }, { errno });
}
