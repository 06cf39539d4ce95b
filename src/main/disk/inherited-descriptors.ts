import { closeSync, readdirSync, readFileSync } from 'node:fs';

/** `O_CLOEXEC` in the flags of proc_pid_fdinfo(5), which are octal. */
const CLOSES_ON_EXEC = 0o2000000;

/**
 * Closes the descriptors that this process got from the one that started it, but for the three standard ones. They are
 * those that a further program would get too; what Node opens for itself is closed on exec. On Linux; elsewhere Node
 * hands none on. Call it before anything else is opened.
 */
export function closeInheritedDescriptors(): void {
  if (process.platform !== 'linux') return;
  for (const name of readdirSync('/proc/self/fd')) {
    const descriptor = Number(name);
    if (descriptor > 2 && isInherited(descriptor)) closeSync(descriptor);
  }
}

function isInherited(descriptor: number): boolean {
  try {
    const [, flags = ''] =
      /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8')) ?? [];
    return flags !== '' && (Number.parseInt(flags, 8) & CLOSES_ON_EXEC) === 0;
  } catch {
    // The one that the folder was read through.
    return false;
  }
}
