import { readFileSync, writeFileSync } from 'node:fs';

/** The most memory that a process has had so far, in MiB; 0 if there is none. Linux only. */
export function peakOf(pid: number): number {
  try {
    const [, kibibytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kibibytes ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Has the peak of a process begin anew with what it takes now (proc(5), clear_refs). */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
