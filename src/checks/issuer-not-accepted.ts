import { audiences, isGuid, stringClaim } from '../contract/claims.ts';
import { type Cloud, CloudName, clouds, type EntraIssuer, entraIssuer, v1Issuer } from '../contract/clouds.ts';
import { difference } from '../contract/difference.ts';
import type { Difference } from '../contract/finding.ts';
import type { JsonObject } from '../contract/json.ts';
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
    if (entra && forAnotherResource(target, claims, entra)) {
      return {
        outcome: 'not-applicable',
        summary: 'Not judged: the issuer has its v2 form because of the audience, which is judged by itself.',
      };
    }
    return entra ? otherEntra(target, iss, entra, claims) : (nearlyEntra(target, iss, claims) ?? foreign(target, iss));
  },
});

/** The resource decides the version of a token (entra-docs, access-tokens.md), so that only the audience is at fault then. */
const forAnotherResource = (target: Target, claims: JsonObject, { version, clouds: of }: EntraIssuer): boolean =>
  version === '2.0' &&
  of.includes(target.cloud) &&
  ![...target.audiences, ...target.audiencesUnsettled].some((audience) => audiences(claims)?.includes(audience));

/** Entra's, but of the other version or another cloud. */
function otherEntra(
  target: Target,
  iss: string,
  { tenant, clouds: of, version }: EntraIssuer,
  claims: JsonObject,
): Ruling {
  const actual = shown(iss);
  if (of.includes(target.cloud)) {
    const expected = v1Issuer(target.cloud, tenant);
    return fail(
      `The issuer is the v${version} one, and tokens for ${target.title} are v1, also when asked for at the v2 endpoint.`,
      {
        expected,
        actual,
        difference: { kind: 'other', at: difference(expected, iss)?.at ?? 0 },
        remediation: requestRightToken(target, { ...claims, tid: tenant }),
      },
    );
  }
  const expected = v1Issuer(target.cloud, '{tenant id}');
  const titles = of.map((name) => clouds[name].title).join(' or ');
  return fail(
    `The issuer belongs to ${titles}, the target to ${clouds[target.cloud].title}, where that tenant is unknown.`,
    {
      expected,
      actual,
      difference: { kind: 'cloud', at: difference(expected, iss)?.at ?? 0 },
      remediation: requestRightToken(target, { ...claims, tid: undefined }),
    },
  );
}

/** On a host that is Entra's alone, but in none of its forms: a slash, a space, a letter case or an alias away from one. */
function nearlyEntra(target: Target, iss: string, claims: JsonObject): Ruling | undefined {
  // Read by hand, since a URL parser refuses or corrects what is to be told here. The host stands behind user information.
  const [, authority = '', path = ''] = /^\s*(?:https?:\/\/)?([^/]*)\/?([^/]*)/i.exec(iss) ?? [];
  const [host = ''] = authority
    .slice(authority.lastIndexOf('@') + 1)
    .toLowerCase()
    .split(/\.?(?::|\s|$)/);
  const tenant = path.trim().toLowerCase();
  const own = CloudName.options.filter((name) => hostsOf(clouds[name]).includes(host));
  if (own.length === 0) return undefined;

  // In another cloud the tenant is unknown, so that it may stand neither in the advice nor in what is expected.
  const known = isGuid(tenant) && own.includes(target.cloud) ? tenant : undefined;
  const expected = v1Issuer(target.cloud, known ?? '{tenant id}');
  return fail('The issuer is nearly one of Entra, and issuers are compared letter for letter.', {
    expected,
    actual: shown(iss),
    difference: differenceOf(target, expected, iss, own, host),
    remediation: requestRightToken(target, { ...claims, tid: known }),
  });
}

function differenceOf(
  target: Target,
  expected: string,
  iss: string,
  own: readonly CloudName[],
  host: string,
): Difference {
  const { kind, at } = difference(expected, iss) ?? { kind: 'other', at: 0 };
  if (kind !== 'other') return { kind, at };
  if (!own.includes(target.cloud)) return { kind: 'cloud', at };
  return { kind: own.some((name) => clouds[name].authorityAliases.includes(host)) ? 'host-alias' : 'other', at };
}

const hostsOf = ({ authorityHost, authorityAliases, v1IssuerHost }: Cloud) => [
  authorityHost,
  v1IssuerHost,
  ...authorityAliases,
];

function foreign(target: Target, iss: string): Ruling {
  const actual = shown(iss);
  if (clouds[target.cloud].v1IssuersUnsettled.some((host) => iss.startsWith(`https://${host}/`))) {
    return unknown(`No source says whether ${target.title} takes tokens of this issuer.`, { actual });
  }
  if (target.otherIssuersPossible) {
    return unknown(
      'The issuer is not Entra. An AKS cluster may be set up to trust another one (structured authentication); only its configuration tells.',
      { actual },
    );
  }
  return fail(`The issuer is not the one of an Entra tenant, and ${target.title} trusts no other.`, {
    expected: v1Issuer(target.cloud, '{tenant id}'),
    actual,
    remediation: requestRightToken(target, {}),
  });
}
