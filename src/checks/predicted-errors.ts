import type { PredictedError } from '../contract/report.ts';
import type { TargetName } from '../contract/target.ts';

/** Azure Resource Manager's codes (Azure Monitor API error pages); the one of PoP and the like is not documented. */
const arm: Readonly<Record<string, PredictedError>> = {
  'token-malformed': { code: 'InvalidAuthenticationToken', certainty: 'documented' },
  'signature-invalid': { code: 'InvalidAuthenticationToken', certainty: 'documented' },
  'key-not-found': { code: 'InvalidAuthenticationToken', certainty: 'likely' },
  'algorithm-not-allowed': { code: 'InvalidAuthenticationToken', certainty: 'likely' },
  // The refusal is quoted in public only by users (Azure/login #233, #501).
  'principal-missing': { code: 'InvalidAuthenticationToken', certainty: 'likely' },
  'audience-not-accepted': { code: 'InvalidAuthenticationTokenAudience', certainty: 'documented' },
  'token-expired': { code: 'ExpiredAuthenticationToken', certainty: 'documented' },
};

/** Kubernetes answers every failed authentication alike: `Status` 401, reason `Unauthorized`. */
const aksDocumented = ['audience-not-accepted', 'group-overage'];

/** What the target answers when this check is the first to fail; undefined where no source tells. */
export function predictedError(target: TargetName, rootCause: string): PredictedError | undefined {
  if (target === 'arm') return arm[rootCause];
  // How long a header may be is for whatever stands in front of the API server to say.
  if (rootCause === 'token-too-large') return undefined;
  return { code: 'Unauthorized', certainty: aksDocumented.includes(rootCause) ? 'documented' : 'likely' };
}
