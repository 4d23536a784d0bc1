import { existsSync, readFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';
import { GUARD_RECORD } from '../local/loopback-guard.ts';

/** Fails the run when a test tried to leave this machine, and ends it with one plain line: `N passed, N failed, N skipped`. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const broken = modules.filter(
      (module) => module.state() === 'failed' && [...module.children.allTests('failed')].length === 0,
    ).length;
    const refused = refusedConnections();
    if (refused.length > 0) {
      console.error(`\nTests tried to leave this machine:\n${refused.map((what) => `  ${what}`).join('\n')}`);
      process.exitCode = 1;
    }
    console.log(
      `\n${count('passed')} passed, ${count('failed') + broken + refused.length} failed, ${count('skipped')} skipped`,
    );
  }
}

function refusedConnections(): string[] {
  const record = process.env[GUARD_RECORD];
  return record && existsSync(record) ? readFileSync(record, 'utf8').trim().split('\n') : [];
}
