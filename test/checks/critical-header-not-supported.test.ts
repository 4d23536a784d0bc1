import { describe, expect, it } from 'vitest';
import { criticalHeaderNotSupported } from '../../src/checks/critical-header-not-supported.ts';

const run = (header: Record<string, unknown>) => criticalHeaderNotSupported.run({ header });

describe('critical-header-not-supported', () => {
  it.each([
    ['an ordinary header', { alg: 'RS256', typ: 'JWT', kid: 'k1' }],
    ['an extension nobody has to understand', { alg: 'RS256', b64: true }],
    ['another letter case', { alg: 'RS256', Crit: ['b64'] }],
  ])('passes %s', (_name, header) => {
    expect(run(header).outcome).toBe('pass');
  });

  it.each<[string, unknown, string]>([
    ['an extension', ['b64'], '["b64"]'],
    ['an unknown extension', ['http://example/UNDEFINED'], '["http://example/UNDEFINED"]'],
    ['an empty list, which RFC 7515 forbids', [], '[]'],
    ['a string', 'b64', 'b64'],
    ['null', null, 'null'],
  ])('fails on %s', (_name, crit, actual) => {
    expect(run({ alg: 'RS256', crit })).toMatchObject({ outcome: 'fail', actual });
  });
});
