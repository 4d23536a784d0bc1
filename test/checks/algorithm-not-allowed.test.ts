import { describe, expect, it } from 'vitest';
import { algorithmNotAllowed } from '../../src/checks/algorithm-not-allowed.ts';

const entraOnes = ['RS256'];
const asymmetric = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'];

describe('algorithm-not-allowed', () => {
  it.each<[string, readonly string[], unknown, 'pass' | 'fail', string]>([
    ['RS256 of Entra', entraOnes, 'RS256', 'pass', ''],
    ['ES256 of another issuer', asymmetric, 'ES256', 'pass', ''],
    ['ES256 of Entra', entraOnes, 'ES256', 'fail', 'ES256'],
    ['PS256 of Entra', entraOnes, 'PS256', 'fail', 'PS256'],
    ['unsigned', entraOnes, 'none', 'fail', 'none'],
    ['unsigned, of another issuer', asymmetric, 'none', 'fail', 'none'],
    ['unsigned in other letters', asymmetric, 'nOnE', 'fail', 'nOnE'],
    ['a shared secret', asymmetric, 'HS256', 'fail', 'HS256'],
    ['other letter case', entraOnes, 'rs256', 'fail', 'rs256'],
    ['white space behind', entraOnes, 'RS256 ', 'fail', 'RS256 '],
    ['part of a name', entraOnes, 'RS', 'fail', 'RS'],
    ['empty', entraOnes, '', 'fail', ''],
    ['absent', entraOnes, undefined, 'fail', 'absent'],
    ['null', entraOnes, null, 'fail', 'null'],
    ['a number', entraOnes, 256, 'fail', '256'],
    ['the right one in a list', entraOnes, ['RS256'], 'fail', '["RS256"]'],
    ['nothing is allowed', [], 'RS256', 'fail', 'RS256'],
  ])('%s', (_name, allowedAlgorithms, alg, outcome, actual) => {
    const ruling = algorithmNotAllowed.run({ header: { alg }, allowedAlgorithms });
    expect(ruling.outcome).toBe(outcome);
    if (outcome === 'fail') expect(ruling).toMatchObject({ expected: expect.any(String), actual });
  });

  it('tells what the issuer signs with', () => {
    const ruling = algorithmNotAllowed.run({ header: { alg: 'HS256' }, allowedAlgorithms: asymmetric });
    expect(ruling.expected).toBe(asymmetric.join(', '));
  });

  it.each([
    ['HS256', 'unknown'],
    ['RS256', 'unknown'],
    ['none', 'fail'],
    [undefined, 'fail'],
  ])('of an issuer that is not known, %s is %s', (alg, outcome) => {
    expect(algorithmNotAllowed.run({ header: { alg }, allowedAlgorithms: 'unknown' }).outcome).toBe(outcome);
  });
});
