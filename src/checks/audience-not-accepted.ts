import { audiences, stringClaim } from '../contract/claims.ts';
import { entraIssuer } from '../contract/clouds.ts';
import { nearest } from '../contract/difference.ts';
import { resourceOf } from '../contract/resources.ts';
import type { Target } from '../contract/target.ts';
import { defineCheck, fail, pass, shown, UNREADABLE, unknown } from './check.ts';
import { requestRightToken } from './token-requests.ts';

export const audienceNotAccepted = defineCheck({
  id: 'audience-not-accepted',
  title: 'The token was issued for the target',
  severity: 'error',
  needs: ['token', 'target'],
  // A token of an issuer that only the cluster knows has an audience that only the cluster knows.
  behind: [...UNREADABLE, 'token-kind-not-accepted', 'issuer-not-accepted'],
  remediation: 'Request a token for the target.',
  reference: 'https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens',

  run({ token: { claims }, target }) {
    const aud = audiences(claims);
    const accepted = target.audiences.join(' or ');
    if (target.otherIssuersPossible && entraIssuer(stringClaim(claims, 'iss') ?? '') === undefined) {
      return unknown(
        'A target that trusts this issuer has been told which audiences to take from it; only its configuration tells.',
        {
          actual: shown(claims.aud),
        },
      );
    }
    const remediation = requestRightToken(target, claims);
    if (aud === undefined || aud.every((audience) => audience === '')) {
      return fail('The token names no audience.', { expected: accepted, actual: shown(claims.aud), remediation });
    }
    const matched = aud.filter((audience) => target.audiences.includes(audience));
    if (matched.length > 0) {
      if (aud.length === 1) return pass(`The audience is ${matched.join()}.`);
      return unknown('The token names several audiences, the right one among them. Entra issues none like it.', {
        expected: accepted,
        actual: shown(aud),
      });
    }
    if (aud.length === 1 && aud.some((audience) => target.audiencesUnsettled.includes(audience))) {
      return unknown(
        `The audience lacks the trailing slash. No source says whether ${target.title} takes it so; with the slash it does.`,
        {
          expected: accepted,
          actual: shown(aud[0]),
          difference: nearest(target.audiences, String(aud[0]))?.difference,
        },
      );
    }
    const actual = aud.length === 1 ? String(aud[0]) : shown(aud);
    const meant = nearest(target.audiences, actual);
    // Beside a slip only the one audience that was meant helps; where nothing is alike, all that are accepted do.
    const seen =
      meant && (meant.difference.kind !== 'other' || target.audiences.length === 1) ? meant : { expected: accepted };
    return fail(
      `The audience is ${shown(actual)}${nameOf(actual, target)}, and ${target.title} accepts only ${accepted}.`,
      {
        ...seen,
        actual: shown(actual),
        remediation,
      },
    );
  },
});

/** Old kubectl plugins asked for `spn:` and the application id; AKS takes the bare id (Azure/kubelogin, concepts/aks.md). */
function nameOf(audience: string, target: Target): string {
  if (target.audiences.some((accepted) => audience === `spn:${accepted}`))
    return ', with a prefix that old kubectl plugins add';
  const resource = resourceOf(audience);
  return resource ? ` (${resource.name})` : '';
}
