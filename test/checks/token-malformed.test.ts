import { describe, expect, it } from 'vitest';
import { tokenMalformed } from '../../src/checks/token-malformed.ts';
import type { TokenForm } from '../../src/contract/evidence.ts';

const form = { lengthBytes: 900, sha256: '0123456789abcdef', removed: [] };
const fault = (part: 'token' | 'header' | 'payload' | 'signature') => ({ ...form, fault: { part, detail: 'XYZ' } });

describe('token-malformed', () => {
  it.each<[string, TokenForm, string]>([
    ['nothing wrong', form, 'pass'],
    ['pasted with `Bearer `', { ...form, removed: ['`Bearer `'] }, 'pass'],
    ['pasted with much around it', { ...form, removed: ['white space', 'quotes', '`Authorization:`'] }, 'pass'],
    ['the token', fault('token'), 'fail'],
    ['the header', fault('header'), 'fail'],
    ['the payload', fault('payload'), 'fail'],
    ['the signature', fault('signature'), 'fail'],
    ['a fault, and something removed', { ...fault('payload'), removed: ['quotes'] }, 'fail'],
  ])('%s', (_name, tokenForm, outcome) => {
    expect(tokenMalformed.run({ tokenForm }).outcome).toBe(outcome);
  });

  it('repeats where the fault is and what was removed', () => {
    expect(tokenMalformed.run({ tokenForm: fault('payload') }).summary).toMatch(/payload.*XYZ/);
    const removed = ['quotes', 'white space'];
    expect(tokenMalformed.run({ tokenForm: { ...form, removed } }).summary).toContain('quotes, white space');
  });
});
