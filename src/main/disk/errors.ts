import { type ErrorCode, KeywardError } from '../../shared/errors.ts';

type Cause = { readonly code: ErrorCode; readonly words: string };

const CAUSES: { readonly [errno: string]: Cause } = {
  ENOENT: { code: 'SourceNotFound', words: 'there is no such file or folder' },
  ENOTDIR: { code: 'SourceNotFound', words: 'a part of the path is not a folder' },
  EISDIR: { code: 'SourceIsFolder', words: 'it is a folder. Name a file in it' },
  EACCES: { code: 'PermissionDenied', words: 'permission was denied. Check who may read and write there' },
  EPERM: {
    code: 'PermissionDenied',
    words: 'the system does not permit it. Check who may read and write there',
  },
  ENOSPC: { code: 'DiskFull', words: 'the disk is full. Free some space and try again' },
  EDQUOT: { code: 'DiskFull', words: 'your quota on this disk is used up. Free some space and try again' },
  EFBIG: { code: 'DiskFull', words: 'the file is too large for this disk. Choose another disk' },
  EROFS: { code: 'DiskReadOnly', words: 'the disk is read-only. Choose another folder' },
  EEXIST: { code: 'TargetExists', words: 'there is already something of that name' },
  ENAMETOOLONG: { code: 'NameTooLong', words: 'the name is too long for this disk. Shorten it' },
  EBUSY: { code: 'FileBusy', words: 'another program is using it. Close it there and try again' },
  ETXTBSY: { code: 'FileBusy', words: 'it is a program that is running. Close it and try again' },
  ELOOP: { code: 'SourceUnreadable', words: 'it is a chain of links that never ends' },
  EMFILE: { code: 'IoFailed', words: 'too many files are open. Close other programs and try again' },
  ENFILE: { code: 'IoFailed', words: 'too many files are open. Close other programs and try again' },
  EIO: { code: 'IoFailed', words: 'the disk reported an error. Check the disk before you rely on it' },
  ENXIO: { code: 'IoFailed', words: 'the disk is gone. Connect it again and retry' },
  ESTALE: { code: 'IoFailed', words: 'the network folder is gone. Connect it again and retry' },
};

/** True for what Node throws from the file system. */
export function isErrno(error: unknown, ...codes: readonly string[]): error is NodeJS.ErrnoException {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' && (codes.length === 0 || codes.includes(code));
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
  const cause = CAUSES[error.code ?? ''] ?? { code: 'IoFailed' as const, words: error.message };
  return new KeywardError(
    cause.code,
    `Could not ${doing} ${path}: ${cause.words}.`,
    { path, errno: error.code ?? '' },
    error,
  );
}
