import { describe, expect, it } from 'vitest';
import { issuerUntrusted } from '../../src/checks/issuer-untrusted.ts';
import type { Question } from '../../src/checks/questions.ts';
import { runChecks } from '../../src/checks/run.ts';
import type { TrustedIssuer } from '../../src/contract/evidence.ts';
import { cluster, configured, entra, evidenceWith } from './builders.ts';

describe('issuer-untrusted', () => {
  it.each<[TrustedIssuer]>([[entra('1.0')], [entra('2.0')], [cluster], [configured]])(
    'passes the family $family',
    (trustedIssuer) => {
      const ruling = issuerUntrusted.run({ trustedIssuer });
      expect(ruling.outcome).toBe('pass');
      expect(ruling.summary).toContain(trustedIssuer.family);
    },
  );

  it('is unknown, not failed, for an issuer outside every family', () => {
    const question = { checks: [issuerUntrusted], deciding: () => [] };
    const [finding] = runChecks(question as Question, evidenceWith({}, { trustedIssuer: 'untrusted' }), () => {});
    expect(finding).toMatchObject({ id: 'issuer-untrusted', outcome: 'unknown' });
  });
});
