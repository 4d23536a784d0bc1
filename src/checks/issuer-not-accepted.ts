import { isGuid, stringClaim } from '../contract/claims.ts';
import { CloudName, clouds, type EntraIssuer, entraIssuer, v1Issuer, v2Issuer } from '../contract/clouds.ts';
import { difference, nearest } from '../contract/difference.ts';
import type { Target } from '../contract/target.ts';
import { defineCheck, fail, pass, type Ruling, shown, UNREADABLE, unknown } from './check.ts';
import { requestRightToken } from './token-requests.ts';

export const issuerNotAccepted = defineCheck({
  id: 'issuer-not-accepted',
  title: 'The target accepts tokens of this issuer',
  severity: 'error',
  needs: ['token', 'target'],
  behind: [...UNREADABLE, 'token-kind-not-accepted'],
  remediation: 'Get the token from the tenant the target trusts; its issuer must be the v1 one, letter for letter.',
  reference: 'https://learn.microsoft.com/entra/identity-platform/access-tokens#v10-and-v20-tokens',

  run({ token: { claims }, target }) {
    const iss = stringClaim(claims, 'iss');
    if (iss === undefined)
      return fail('The token has no `iss`, so nobody can tell whose keys verify it.', { actual: shown(claims.iss) });
    const entra = entraIssuer(iss);
    if (entra?.version === '1.0' && entra.clouds.includes(target.cloud))
      return pass(`The issuer is the v1 issuer of tenant ${entra.tenant}.`);
    return entra ? otherEntra(target, iss, entra) : (slip(target, iss) ?? foreign(target, iss));
  },
});

/** Entra's, but of the other version or another cloud. */
function otherEntra(target: Target, iss: string, { tenant, clouds: [own], version }: EntraIssuer): Ruling {
  const expected = v1Issuer(target.cloud, tenant);
  const sameCloud = own === target.cloud;
  return fail(
    sameCloud
      ? `The issuer is the v${version} one, and ${target.title} takes v1 tokens only: this token was issued for another resource.`
      : `The issuer belongs to ${own ? clouds[own].title : 'another cloud'}, the target to ${clouds[target.cloud].title}.`,
    {
      expected,
      actual: shown(iss),
      difference: { kind: sameCloud ? 'other' : 'cloud', at: difference(expected, iss)?.at ?? 0 },
      remediation: requestRightToken(target, { tid: tenant }),
    },
  );
}

/** Not an Entra issuer, but a slash, a space or a letter case away from one. */
function slip(target: Target, iss: string): Ruling | undefined {
  const [, tenant] = /^\s*https:\/\/[^/]+\/([^/\s]+)/i.exec(iss) ?? [];
  if (!isGuid(tenant)) return undefined;
  const tenants = [tenant, tenant.toLowerCase()];
  const forms = [
    v1Issuer(target.cloud, tenant),
    ...tenants.flatMap((id) => CloudName.options.flatMap((name) => [v1Issuer(name, id), v2Issuer(name, id)])),
  ];
  const meant = nearest(forms, iss);
  if (!meant || meant.difference.kind === 'other') return undefined;
  return fail('The issuer is nearly one of Entra, and issuers are compared letter for letter.', {
    ...meant,
    actual: shown(iss),
  });
}

function foreign(target: Target, iss: string): Ruling {
  const actual = shown(iss);
  if (target.otherIssuersPossible) {
    return unknown(
      'The issuer is not Entra. An AKS cluster may be set up to trust another one (structured authentication); only its configuration tells.',
      { actual },
    );
  }
  return fail(`The issuer is not Entra, and ${target.title} trusts no other.`, {
    expected: `https://${clouds[target.cloud].v1IssuerHost}/{tenant id}/`,
    actual,
    remediation: requestRightToken(target, {}),
  });
}
