let users: number | undefined;

/** Has what this process makes be its user's alone, and remembers the umask that the user has set. */
export function tightenUmask(): void {
  users = process.umask(0o077);
}

/** The umask that the user has set: which permissions new files don't get, as bits. */
export function userUmask(): number {
  if (users !== undefined) return users;
  const now = process.umask(0o077);
  process.umask(now);
  return now;
}

/** Runs `act`, which starts another process, under the user's own umask. */
export function withUserUmask<T>(act: () => T): T {
  const before = process.umask(userUmask());
  try {
    return act();
  } finally {
    process.umask(before);
  }
}
