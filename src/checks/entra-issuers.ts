import { audiences, isGuid } from '../contract/claims.ts';
import { type Cloud, CloudName, clouds, type EntraIssuer, v1Issuer, v2Issuer } from '../contract/clouds.ts';
import { difference } from '../contract/difference.ts';
import type { Difference } from '../contract/finding.ts';
import type { JsonObject } from '../contract/json.ts';
import type { Target } from '../contract/target.ts';
import { fail, type Ruling, shown } from './check.ts';
import { requestRightToken } from './token-requests.ts';

/** The resource decides the version of a token (entra-docs, access-tokens.md), so that only the audience is at fault then. */
export const forAnotherResource = (target: Target, claims: JsonObject, { version, clouds: of }: EntraIssuer): boolean =>
  version === '2.0' &&
  of.includes(target.cloud) &&
  ![...target.audiences, ...target.audiencesUnsettled].some((audience) => audiences(claims)?.includes(audience));

/** Entra's, but of the other version or another cloud. */
export function otherEntra(
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

/** On a host that is Entra's alone, or looks like one, but in none of its forms: a slash, a letter or an alias away from one. */
export function nearlyEntra(target: Target, iss: string, claims: JsonObject): Ruling | undefined {
  // Read by hand, since a URL parser refuses or corrects what is to be told here.
  const [, authority = '', path = ''] = /^\s*(?:https?:\/\/)?([^/]*)\/?([^/]*)/i.exec(iss) ?? [];
  // The host stands behind user information.
  const at = authority.lastIndexOf('@');
  const [host = ''] = authority
    .slice(at + 1)
    .toLowerCase()
    .split(/\.?(?::|\s|$)/);
  const tenant = path.trim().toLowerCase();
  const inFront = entraClouds((authority.slice(0, Math.max(at, 0)).split(':')[0] ?? '').toLowerCase());
  const own = entraClouds(host);
  const alike =
    own.length > 0
      ? own
      : CloudName.options.filter((name) => hostsOf(clouds[name]).some((one) => looksLike(one, host)));
  const of = alike.length > 0 ? alike : inFront;
  if (of.length === 0) return undefined;

  // In another cloud the tenant is unknown, so that it may stand neither in the advice nor in what is expected.
  const known = own.length > 0 && isGuid(tenant) && own.includes(target.cloud) ? tenant : undefined;
  const v2 = (target.issuers === 'any' || target.issuers === 'federated') && /\/v2\.0\/?\s*$/i.test(iss);
  const expected = (v2 ? v2Issuer : v1Issuer)(target.cloud, known ?? '{tenant id}');
  const summary =
    own.length > 0
      ? 'The issuer is nearly one of Entra, and issuers are compared letter for letter.'
      : alike.length > 0
        ? 'The issuer only looks like one of Entra: its host is written with other letters. Somebody made this token up.'
        : `The issuer has the name of Entra before an @, where it is a user name; the host is ${shown(host)}. Somebody made this token up.`;
  return fail(summary, {
    expected,
    actual: shown(iss),
    difference: differenceOf(target, expected, iss, of, host),
    remediation: requestRightToken(target, { ...claims, tid: known }),
  });
}

const entraClouds = (host: string): CloudName[] =>
  CloudName.options.filter((name) => hostsOf(clouds[name]).includes(host));

const looksLike = (host: string, other: string): boolean => difference(host, other)?.kind === 'homoglyph';

function differenceOf(
  target: Target,
  expected: string,
  iss: string,
  own: readonly CloudName[],
  host: string,
): Difference {
  const { kind, at } = difference(expected, iss) ?? { kind: 'other', at: 0 };
  if (kind !== 'other' && kind !== 'cloud' && kind !== 'other-tenant') return { kind, at };
  if (!own.includes(target.cloud)) return { kind: 'cloud', at };
  if (own.some((name) => clouds[name].authorityAliases.includes(host))) return { kind: 'host-alias', at };
  return {
    kind:
      entraClouds(host).length === 0 && own.some((name) => hostsOf(clouds[name]).some((one) => looksLike(one, host)))
        ? 'homoglyph'
        : 'other',
    at,
  };
}

const hostsOf = ({ authorityHost, authorityAliases, v1IssuerHost }: Cloud) => [
  authorityHost,
  v1IssuerHost,
  ...authorityAliases,
];
