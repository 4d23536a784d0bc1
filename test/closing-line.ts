import { existsSync, readFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';
import { GUARD_RECORD } from '../local/loopback-guard.ts';
import { type Judged, judgeRecord } from './suite-judgement.ts';
import { SUITE_RECORD } from './suite-record.ts';

/** More lines of one kind say nothing new. */
const MOST_TOLD = 20;

/**
 * Fails the run when a test tried to leave this machine, or when the product said anywhere what it may not say, and ends it
 * with one plain line: `N passed, N failed, N skipped`.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const broken = modules.filter(
      (module) => module.state() === 'failed' && [...module.children.allTests('failed')].length === 0,
    ).length;
    const refused = refusedConnections();
    tell('Tests tried to leave this machine', refused);
    const { answers, faults } = suiteJudgement();
    console.log(`\n${answers} answers of the product compared with docs/openapi.json`);
    tell('The product said what it may not say', faults);
    const failed = count('failed') + broken + refused.length + faults.length;
    console.log(`\n${count('passed')} passed, ${failed} failed, ${count('skipped')} skipped`);
  }
}

function tell(what: string, faults: readonly string[]): void {
  if (faults.length === 0) return;
  console.error(
    `\n${what}:\n${faults
      .slice(0, MOST_TOLD)
      .map((fault) => `  ${fault}`)
      .join('\n')}`,
  );
  process.exitCode = 1;
}

function refusedConnections(): string[] {
  const record = process.env[GUARD_RECORD];
  return record && existsSync(record) ? readFileSync(record, 'utf8').trim().split('\n') : [];
}

function suiteJudgement(): Judged {
  const record = process.env[SUITE_RECORD];
  if (!record) return { answers: 0, faults: [] };
  return judgeRecord(record, JSON.parse(readFileSync(new URL('../docs/openapi.json', import.meta.url), 'utf8')));
}
