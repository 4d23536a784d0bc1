import { audiences, stringClaim } from '../contract/claims.ts';
import { entraIssuer } from '../contract/clouds.ts';
import { nearest } from '../contract/difference.ts';
import type { JsonObject } from '../contract/json.ts';
import {
  IDENTITY_BINDING_AUDIENCE,
  resourceOf,
  TOKEN_EXCHANGE_APP_ID,
  TOKEN_EXCHANGE_AUDIENCE,
} from '../contract/resources.ts';
import type { Target } from '../contract/target.ts';
import { defineCheck, fail, pass, type Ruling, shown, UNREADABLE, unknown } from './check.ts';
import { breaksRule } from './ruled.ts';
import { requestRightToken } from './token-requests.ts';

export const audienceNotAccepted = defineCheck({
  id: 'audience-not-accepted',
  title: 'The token was issued for the target',
  severity: 'error',
  needs: ['token', 'target', 'issuerFamily', 'now'],
  // A token of an issuer that only the cluster knows has an audience that only the cluster knows.
  behind: [...UNREADABLE, 'token-kind-not-accepted', 'issuer-not-accepted'],
  remediation: 'Request a token for the target.',
  reference: 'https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens',

  run({ token, target, issuerFamily, now }) {
    const { claims } = token;
    const aud = audiences(claims);
    if (target.rules) {
      if (target.audiences.length === 0) return unknown(`Nothing says which audiences ${target.title} accepts.`);
      return breaksRule('audience-not-accepted', { token, issuerFamily, now }, target.rules)
        ? other(target, claims, aud ?? [])
        : pass(`The audience is ${shown(claims.aud)}.`);
    }
    if (target.name === 'aks-api-server' && entraIssuer(stringClaim(claims, 'iss') ?? '') === undefined) {
      return unknown(
        'A target that trusts this issuer has been told which audiences to take from it; only its configuration tells.',
        { actual: shown(claims.aud) },
      );
    }
    if (aud === undefined || aud.every((audience) => audience === '')) {
      return fail('The token names no audience.', {
        expected: target.audiences.join(' or ') || 'one',
        actual: shown(claims.aud),
        remediation: requestRightToken(target, claims),
      });
    }
    const accepted = acceptedFrom(target, claims);
    return aud.some((audience) => accepted.includes(audience))
      ? matched(target, aud)
      : (open(target, claims, aud) ?? other(target, claims, aud));
  },
});

/**
 * At the exchange it matters whose token it is: only those of Entra's own carry the id in place of the address, and in other
 * clouds than the public one they name that cloud (entra-docs, workload identity federation); pods name the same one everywhere.
 */
function acceptedFrom({ name, cloud, audiences: accepted }: Target, claims: JsonObject): readonly string[] {
  if (name !== 'token-exchange') return accepted;
  const ofEntra = entraIssuer(stringClaim(claims, 'iss') ?? '') !== undefined;
  if (!ofEntra) return accepted.filter((audience) => audience !== TOKEN_EXCHANGE_APP_ID);
  return cloud === 'public' ? accepted : accepted.filter((audience) => audience !== TOKEN_EXCHANGE_AUDIENCE);
}

function matched(target: Target, aud: readonly string[]): Ruling {
  if (aud.length === 1) return pass(`The audience is ${aud.join()}.`);
  return unknown('The token names several audiences, the right one among them. Entra issues none like it.', {
    expected: target.audiences.join(' or '),
    actual: shown(aud),
  });
}

/** Where no source, or only the configuration of the target, tells; undefined where it is refused. */
function open(target: Target, claims: JsonObject, aud: readonly string[]): Ruling | undefined {
  const [audience = ''] = aud;
  if (aud.length === 1 && target.audiencesUnsettled.includes(audience)) return unsettled(target, audience);
  if (target.audiencesOfInstances?.test(audience) && aud.length === 1)
    return unknown(
      target.name === 'servicenow-jwt-bearer'
        ? 'The audience is the token endpoint of the instance. The documents of ServiceNow disagree whether it or the Client ID is due.'
        : 'The audience is one instance of the target, which takes it and no other does.',
      { actual: shown(audience) },
    );
  if (!target.audiencesOpen || (target.name !== 'unnamed' && aud.some((one) => isForSomebodyElse(one, target))))
    return undefined;
  const actual = shown(aud.length === 1 ? audience : aud);
  switch (target.name) {
    case 'token-exchange':
      // What a cluster's own API server takes is no assertion.
      if (
        aud.includes(stringClaim(claims, 'iss') ?? '') ||
        aud.some((one) => /^https:\/\/kubernetes\.default/.test(one))
      )
        return undefined;
      return unknown('A federated credential may name this audience; the one that is used throughout is another.', {
        expected: acceptedFrom(target, claims)[0],
        actual,
        difference: nearest(acceptedFrom(target, claims).slice(0, 1), audience)?.difference,
      });
    case 'servicenow-jwt-bearer':
      return aud.includes(stringClaim(claims, 'iss') ?? '')
        ? unknown('The audience must be the Client ID of the integration. Name it as `resource` to have it compared.', {
            actual,
          })
        : undefined;
    case 'servicenow-oidc':
      return unknown(
        'The audience must be the Client ID of the registration in ServiceNow. Name it as `resource` to have it compared.',
        {
          actual,
        },
      );
    case 'mcp':
      return nearlyResource(target, audience)
        ? undefined
        : unknown(
            'The audience is not the address of the server. Entra’s v2 tokens carry the client id instead: the server must have been told to accept it.',
            {
              expected: target.audiences[0],
              actual,
            },
          );
    default: {
      const resource = resourceOf(audience);
      return unknown(
        resource
          ? `The audience is ${resource.name}, whose rules are not known here.`
          : 'The audience is none that is known here. Name the target or a policy to have it judged.',
        { actual },
      );
    }
  }
}

const nearlyResource = ({ audiences: accepted }: Target, audience: string): boolean =>
  nearest(accepted, audience)?.difference.kind !== 'other';

/** A resource of Microsoft's own that is not the receiver, or a proxy of AKS. */
const isForSomebodyElse = (audience: string, { name }: Target): boolean => {
  const resource = resourceOf(audience);
  const itself = name === 'token-exchange' && [TOKEN_EXCHANGE_APP_ID, TOKEN_EXCHANGE_AUDIENCE].includes(audience);
  return audience === IDENTITY_BINDING_AUDIENCE || (resource !== undefined && !itself);
};

function unsettled(target: Target, audience: string): Ruling {
  const meant = nearest(target.audiences, audience);
  const seen = { expected: target.audiences.join(' or '), actual: shown(audience) };
  if (target.name === 'container-registry' && resourceOf(audience)?.target === 'arm')
    return unknown(
      'The audience is Azure Resource Manager. A registry takes it unless its policy azureADAuthenticationAsArmPolicy is disabled: `az acr config authentication-as-arm show -r $REGISTRY`.',
      seen,
    );
  if (meant?.difference.kind !== 'trailing-slash')
    return unknown(
      `The audience is the id of ${target.title}. No source says whether it takes it so; as ${target.audiences[0]} it does.`,
      seen,
    );
  return unknown(
    meant.expected.endsWith('/')
      ? `The audience lacks the trailing slash. No source says whether ${target.title} takes it so; with the slash it does.`
      : `The audience has a slash at its end. No source says whether ${target.title} takes it so; without it, it does.`,
    { ...seen, expected: meant.expected, difference: meant.difference },
  );
}

function other(target: Target, claims: JsonObject, aud: readonly string[]): Ruling {
  const accepted = target.audiences.map(shown).join(' or ');
  const actual = aud.length === 1 ? String(aud[0]) : shown(claims.aud);
  const meant = nearest(target.audiences, actual);
  // Beside a slip only the one audience that was meant helps; where nothing is alike, all that are accepted do.
  const alike = meant && (meant.difference.kind !== 'other' || target.audiences.length === 1) ? meant : undefined;
  const wants = accepted === '' ? 'does not accept it' : `accepts only ${accepted}`;
  return fail(`The audience is ${shown(actual)}${nameOf(actual, target)}, and ${target.title} ${wants}.`, {
    expected: alike?.expected ?? (accepted || `an audience of ${target.title}`),
    actual: shown(actual),
    difference: alike?.difference,
    remediation: requestRightToken(target, claims),
  });
}

/** Old kubectl plugins asked for `spn:` and the application id; AKS takes the bare id (Azure/kubelogin, concepts/aks.md). */
function nameOf(audience: string, target: Target): string {
  if (target.audiences.some((accepted) => audience === `spn:${accepted}`))
    return ', with a prefix that old kubectl plugins add';
  const resource = resourceOf(audience);
  return resource ? ` (${resource.name})` : '';
}
