import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/** Prints why tests were skipped and leaves the counts for the last line. */
export class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    const reasons = new Map<string, number>();
    // Tests of what the window's host emulates or only records; see test/host/FIDELITY.md.
    let config = 0;
    for (const module of modules) {
      // A file that could not be loaded holds no test, and must not pass for an empty one.
      if (module.state() === 'failed' && [...module.children.allTests()].length === 0) counts.failed++;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (test.name.startsWith('config: ') && result.state === 'passed') config++;
        if (result.state === 'passed') counts.passed++;
        else if (result.state === 'failed') counts.failed++;
        else {
          counts.skipped++;
          const note = 'note' in result ? result.note : undefined;
          const reason = note ?? `no reason given: ${test.fullName}`;
          reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
        }
      }
    }
    for (const [reason, times] of reasons) console.log(`skipped ${times}: ${reason}`);
    if (config > 0)
      console.log(`${config} of the passed are config: tests, on emulated or recorded parts of Electron`);
    const path = process.env['KEYWARD_TEST_COUNTS'];
    if (path !== undefined) writeFileSync(path, JSON.stringify(counts));
  }
}
