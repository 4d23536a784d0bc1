import { describe, expect, it } from 'vitest';
import { fulfils } from '../../src/checks/matching-expression.ts';
import type { JsonObject } from '../../src/contract/json.ts';

const SUB = 'repo:contoso/shop:ref:refs/heads/main';
const WORKFLOW = 'contoso/shop/.github/workflows/deploy.yml@refs/heads/main';
const CLAIMS = { sub: SUB, job_workflow_ref: WORKFLOW };
/** What may be looked up in tokens of GitHub. */
const LOOKUPS = ['sub', 'job_workflow_ref'];
const judge = (value: string, claims: JsonObject = CLAIMS, complete = true) =>
  fulfils(claims, { value }, LOOKUPS, complete);
const matches = (pattern: string, sub = SUB) => judge(`claims['sub'] matches '${pattern}'`, { sub });

describe('an expression', () => {
  it.each<[string, string, boolean]>([
    ['equal', `claims['sub'] eq '${SUB}'`, true],
    ['equal but for letter case', `claims['sub'] eq '${SUB.toUpperCase()}'`, false],
    ['equal but for its end', `claims['sub'] eq '${SUB}2'`, false],
    ['a star, which is none for `eq`', "claims['sub'] eq 'repo:*'", false],
    ['another claim', `claims['job_workflow_ref'] eq '${WORKFLOW}'`, true],
    ['the wrong claim', `claims['job_workflow_ref'] eq '${SUB}'`, false],
    ['both', `claims['sub'] matches 'repo:contoso/*' and claims['job_workflow_ref'] matches '*/deploy.yml@*'`, true],
    ['the first alone', `claims['sub'] matches 'repo:*' and claims['job_workflow_ref'] eq 'x'`, false],
    ['the second alone', `claims['sub'] eq 'x' and claims['job_workflow_ref'] matches '*'`, false],
    ['a comparand with `and` in it', "claims['sub'] eq 'x and y'", false],
  ])('compares: %s', (_name, value, outcome) => {
    expect(judge(value)).toBe(outcome);
  });

  it.each<[string, string, boolean]>([
    ['repo:contoso/shop:ref:refs/heads/*', SUB, true],
    ['*', '', true],
    ['*', SUB, true],
    ['**', SUB, true],
    ['?', '', false],
    ['', '', true],
    ['', 'a', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['a?c', 'abbc', false],
    ['a*c', 'ac', true],
    ['a*c', 'abbc', true],
    ['a*c', 'abbcd', false],
    ['a*c', 'xabc', false],
    ['*b', 'aab', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'acb', false],
    ['?*', '', false],
    ['*?', 'a', true],
    ['a*?', 'a', false],
    ['a.c', 'abc', false],
    ['[ab]', 'a', false],
    ['(', '(', true],
    ['repo:contoso/*', 'repo:contoso-evil/shop', false],
    ['REPO:*', SUB, false],
    ['a*', 'a\nb', true],
  ])('matches %j with %j: %s', (pattern, sub, outcome) => {
    expect(matches(pattern, sub)).toBe(outcome);
  });

  it.each([
    ['a claim that is not there', {}, true, false],
    ['a claim that is a list', { sub: [SUB] }, true, false],
    ['a claim that may come', {}, false, undefined],
  ])('on %s', (_name, claims, complete, outcome) => {
    expect(judge("claims['sub'] matches '*'", claims, complete)).toBe(outcome);
  });

  it('is broken by one that is not met, whatever is not known of another', () => {
    const value = "claims['sub'] eq 'x' and claims['job_workflow_ref'] eq 'y'";
    expect(judge(value, { sub: SUB }, false)).toBe(false);
    expect(judge(value, { sub: 'x' }, false)).toBeUndefined();
  });

  it.each([
    ['', 'nothing'],
    [SUB, 'a subject'],
    [`claims["sub"] eq '${SUB}'`, 'double quotes'],
    [`claims['sub'] eq "${SUB}"`, 'double quotes around the value'],
    [`claims['sub']  eq '${SUB}'`, 'two spaces'],
    [` claims['sub'] eq '${SUB}'`, 'a space in front'],
    [`claims['sub'] eq '${SUB}' `, 'a space behind'],
    [`claims['sub'] ne '${SUB}'`, 'another operator'],
    [`claims['sub'] EQ '${SUB}'`, 'an operator in capitals'],
    [`claims['sub'] eq '${SUB}' or claims['sub'] eq 'x'`, '`or`'],
    [`not claims['sub'] eq '${SUB}'`, '`not`'],
    [`(claims['sub'] eq '${SUB}')`, 'brackets'],
    [`claims['sub'] eq '${SUB}' and `, 'nothing behind `and`'],
    [`claims['repository'] eq 'contoso/shop'`, 'another claim'],
    [`claims['__proto__'] eq 'x'`, 'no claim'],
    [`claims['sub'] eq '${'x'.repeat(600)}'`, 'more than can be stored'],
  ])('is not settled where it is not of the language: %j, %s', (value) => {
    expect(judge(value)).toBeUndefined();
  });

  it('is of the first version of the language', () => {
    const value = `claims['sub'] eq '${SUB}'`;
    expect(fulfils(CLAIMS, { value, languageVersion: 1 }, LOOKUPS, true)).toBe(true);
    expect(fulfils(CLAIMS, { value, languageVersion: 2 }, LOOKUPS, true)).toBeUndefined();
    expect(fulfils(CLAIMS, { value, languageVersion: '1' }, LOOKUPS, true)).toBeUndefined();
    expect(fulfils(CLAIMS, { value }, ['job_workflow_ref'], true)).toBeUndefined();
  });

  it('has at most 600 characters', () => {
    const around = "claims['sub'] eq ''".length;
    const comparand = 'x'.repeat(600 - around);
    expect(judge(`claims['sub'] eq '${comparand}'`, { sub: comparand })).toBe(true);
  });

  it('is not settled for a claim that is longer than any subject', () => {
    expect(matches('a*', 'a'.repeat(2_000))).toBe(true);
    expect(matches('a*', 'a'.repeat(2_001))).toBeUndefined();
  });

  it.each([
    ['stars', '*a'.repeat(280), 'a'.repeat(2_000)],
    ['stars before what does not come', `${'a*'.repeat(280)}b`, 'a'.repeat(2_000)],
    ['question marks behind a star', `*${'?'.repeat(500)}b`, 'a'.repeat(2_000)],
    ['a star and a long text', `*${'a'.repeat(500)}b`, 'a'.repeat(2_000)],
  ])('is judged quickly: %s', (_name, pattern, sub) => {
    const started = performance.now();
    expect(matches(pattern, sub)).toBe(pattern.endsWith('a'));
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
