import { audiences, stringClaim } from '../contract/claims.ts';
import { clouds, type EntraIssuer, entraIssuer, v1Issuer, v2Issuer } from '../contract/clouds.ts';
import { difference, nearest } from '../contract/difference.ts';
import type { IssuerFamily } from '../contract/evidence.ts';
import type { JsonObject } from '../contract/json.ts';
import { TOKEN_ENDPOINT } from '../contract/receivers.ts';
import type { Target } from '../contract/target.ts';
import { ASSERTIONS, KUBERNETES_LEGACY_ISSUER, PERSONAL_TENANT, type TokenKind } from '../contract/token-kind.ts';
import { defineCheck, fail, pass, type Ruling, shown, UNREADABLE, unknown } from './check.ts';
import { forAnotherResource, nearlyEntra, otherEntra } from './entra-issuers.ts';
import { requestRightToken } from './token-requests.ts';

export const issuerNotAccepted = defineCheck({
  id: 'issuer-not-accepted',
  title: 'The target accepts tokens of this issuer',
  severity: 'error',
  needs: ['token', 'tokenKind', 'target', 'issuerFamily'],
  behind: [...UNREADABLE, 'token-kind-not-accepted'],
  remediation: 'Get the token from the tenant the target trusts; issuers are compared letter for letter.',
  reference: 'https://learn.microsoft.com/entra/identity-platform/access-tokens#v10-and-v20-tokens',

  run({ token: { claims }, tokenKind, target, issuerFamily }) {
    const iss = stringClaim(claims, 'iss');
    if (iss === undefined)
      return fail('The token has no `iss`, so nobody can tell whose keys verify it.', { actual: shown(claims.iss) });
    switch (target.issuers) {
      case 'entra-v1':
      case 'entra':
        return ofEntra(iss, claims, target);
      case 'listed':
        return ofList(iss, target);
      case 'federated':
        return ofFederation(iss, claims, tokenKind, target, issuerFamily);
      case 'client':
        return ofClient(iss, claims, target);
      case 'any':
        if (issuerFamily === 'unknown') {
          return (
            nearlyEntra(target, iss, claims) ??
            unknown(`Only the configuration of ${target.title} tells whether it trusts this issuer.`, {
              actual: shown(iss),
            })
          );
        }
        return pass(
          `The issuer belongs to the family ${issuerFamily}. Which of them ${target.title} trusts is for its configuration to say.`,
        );
    }
  },
});

function ofEntra(iss: string, claims: JsonObject, target: Target): Ruling {
  const entra = entraIssuer(iss);
  if (!entra) return nearlyEntra(target, iss, claims) ?? foreign(target, iss);
  if (entra.tenant === PERSONAL_TENANT && entra.version === '1.0')
    return fail('The issuer names the tenant of personal accounts, which has no v1 issuer and owns nothing in Azure.', {
      actual: shown(iss),
      remediation: requestRightToken(target, { ...claims, tid: undefined }),
    });
  if (entra.version === '1.0' && entra.clouds.includes(target.cloud))
    return pass(`The issuer is the v1 issuer of tenant ${entra.tenant}.`);
  if (forAnotherResource(target, claims, entra)) {
    return {
      outcome: 'not-applicable',
      summary: 'Not judged: the issuer has its v2 form because of the audience, which is judged by itself.',
    };
  }
  if (target.issuers === 'entra' && entra.clouds.includes(target.cloud))
    return unknown(
      `The issuer is the v2 one. Tokens for ${target.title} are v1, as far as they are known; no source says whether it takes others.`,
      {
        expected: v1Issuer(target.cloud, entra.tenant),
        actual: shown(iss),
      },
    );
  return otherEntra(target, iss, entra, claims);
}

function foreign(target: Target, iss: string): Ruling {
  const actual = shown(iss);
  if (clouds[target.cloud].v1IssuersUnsettled.some((host) => iss.startsWith(`https://${host}/`))) {
    return unknown(`No source says whether ${target.title} takes tokens of this issuer.`, { actual });
  }
  if (target.issuersOpen) {
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

/** Exact strings, as policies have them; what is alike is a hint and no more. */
function ofList(iss: string, target: Target): Ruling {
  const issuers = target.rules?.issuers ?? [];
  if (issuers.includes(iss)) return pass(`This issuer is accepted by ${target.title}.`);
  if (issuers.length === 0)
    return unknown(`Nothing says which issuers ${target.title} accepts.`, { actual: shown(iss) });
  const meant = nearest(issuers, iss);
  const alike = meant && meant.difference.kind !== 'other' ? meant : undefined;
  return fail(`The issuer is none that ${target.title} accepts.`, {
    expected: alike?.expected ?? issuers.map(shown).join(' or '),
    actual: shown(iss),
    difference: alike?.difference,
    remediation: {
      text: `Get the token from an issuer that ${target.title} accepts, or add this one to its \`issuers\` if its tokens may come in.`,
    },
  });
}

/** Issuers that no federated credential can name, since Entra cannot read their keys: clusters without the OIDC issuer. */
export const CLUSTER_INTERNAL =
  /^"?https:\/\/(?:kubernetes\.default(?:\.svc[a-z0-9.-]*)?|[a-z0-9.-]+\.azmk8s\.io)(?::\d+)?\/?"?$/;

function ofFederation(
  iss: string,
  claims: JsonObject,
  tokenKind: TokenKind,
  target: Target,
  family: IssuerFamily | 'unknown',
): Ruling {
  if (iss === KUBERNETES_LEGACY_ISSUER || CLUSTER_INTERNAL.test(iss)) {
    return fail(
      'The issuer is the cluster’s name for itself: the cluster had no OIDC issuer when it made this token, so Entra cannot read its keys.',
      {
        expected: 'the OIDC issuer of the cluster',
        actual: shown(iss),
        remediation: {
          text: 'Enable the OIDC issuer of the cluster, unless it is on already, then restart the pods: their tokens keep the old issuer until then. No federated credential can mend this.',
          commands: ['az aks update -g "$RESOURCE_GROUP" -n "$CLUSTER" --enable-oidc-issuer'],
        },
      },
    );
  }
  const entra = entraIssuer(iss);
  if (entra) return ofEntraAsAssertion(iss, entra, claims, tokenKind, target);
  if (!URL.canParse(iss) || !iss.startsWith('https://') || /[\s@]/.test(iss) || NOT_PUBLIC.test(new URL(iss).hostname))
    return fail('The issuer is no public https address, so Entra cannot read its keys.', { actual: shown(iss) });
  if (family !== 'unknown') return pass('A federated credential can name this issuer.');
  return (
    nearlyEntra(target, iss, claims) ??
    unknown('A federated credential can name this issuer, if Entra can read its keys; they were not asked for here.', {
      actual: shown(iss),
    })
  );
}

/** Hosts that nobody outside a network of one's own can reach. */
const NOT_PUBLIC =
  /^(?:[^.]*|.*\.(?:local|localhost|internal)|(?:10|127)\.[\d.]+|192\.168\.[\d.]+|169\.254\.[\d.]+|172\.(?:1[6-9]|2\d|3[01])\.[\d.]+)$/;

/** A managed identity vouches inside its own tenant, and so in its own cloud (entra-docs, workload identity federation). */
function ofEntraAsAssertion(
  iss: string,
  { version, tenant, clouds: of }: EntraIssuer,
  claims: JsonObject,
  { kind, title }: TokenKind,
  target: Target,
): Ruling {
  const actual = shown(iss);
  if (ASSERTIONS.includes(kind) && kind !== 'azure-devops-token')
    return fail(`The issuer is a tenant of Entra, and the token is ${title}, which Entra does not issue.`, { actual });
  if (tenant === PERSONAL_TENANT)
    return fail('The issuer is the tenant of personal accounts, which has no managed identities.', { actual });
  if (!of.includes(target.cloud)) {
    const expected = v2Issuer(target.cloud, '{tenant id}');
    return fail(`The issuer belongs to another cloud than ${clouds[target.cloud].title}.`, {
      expected,
      actual,
      difference: { kind: 'cloud', at: difference(expected, iss)?.at ?? 0 },
    });
  }
  if (version === '2.0') return pass('A federated credential can name this issuer.');
  // The resource decides the version of a token, so that only the audience is at fault then.
  if (!(audiences(claims) ?? []).some((audience) => target.audiences.includes(audience)))
    return {
      outcome: 'not-applicable',
      summary: 'Not judged: the issuer has its v1 form because of the audience, which is judged by itself.',
    };
  return fail('The issuer is the v1 one of Entra, of which no token can be exchanged.', {
    expected: v2Issuer(target.cloud, tenant),
    actual,
    remediation: {
      text: 'Request the token of the managed identity for api://AzureADTokenExchange: it comes with the v2 issuer.',
    },
  });
}

/** The Client ID must match both `iss` and `aud` (ServiceNow, "Configure an OAuth JSON web token bearer grant"). */
function ofClient(iss: string, claims: JsonObject, target: Target): Ruling {
  const [clientId] = target.audiences;
  const advice = { remediation: requestRightToken(target, claims) };
  if (clientId !== undefined) {
    return iss === clientId
      ? pass('The issuer is the Client ID of the integration.')
      : fail(`The issuer is not the Client ID of the integration, which ${target.title} compares it with.`, {
          expected: shown(clientId),
          actual: shown(iss),
          ...advice,
        });
  }
  if ((audiences(claims) ?? []).some((audience) => TOKEN_ENDPOINT.test(audience)))
    return unknown('The issuer must be the Client ID of the integration. Name it as `resource` to have it compared.', {
      actual: shown(iss),
    });
  if ((audiences(claims) ?? []).includes(iss))
    return pass('Issuer and audience are the same, as the Client ID of the integration must be.');
  return fail(`Issuer and audience differ, and ${target.title} compares both with its Client ID.`, {
    expected: shown(claims.aud),
    actual: shown(iss),
    ...advice,
  });
}
