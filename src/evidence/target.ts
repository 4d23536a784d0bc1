import type { AnalyzeTokenRequest } from '../contract/analyze-token.ts';
import { audiences, stringClaim } from '../contract/claims.ts';
import { type CloudName, entraIssuer } from '../contract/clouds.ts';
import type { DecodedToken } from '../contract/evidence.ts';
import { resourceOf } from '../contract/resources.ts';
import { PUBLIC_ONLY, ruledTarget, type Target, type TargetName, targetOf, unnamedTarget } from '../contract/target.ts';
import type { Policy } from '../trust/policies.ts';

/**
 * Who is to accept the token: whom the caller names, else whom the token itself points to. A policy judges in the cloud of
 * the deployment (`here`), as decisions do.
 */
export function chooseTarget(
  { target, cloud: asked, resource }: AnalyzeTokenRequest,
  token: DecodedToken | undefined,
  { cloud: here }: { cloud: CloudName },
  policies: ReadonlyMap<string, Policy>,
): Target {
  const cloud = asked ?? here;
  if (target === 'mcp') {
    // Where this deployment protects that very server, its policy says what the server takes.
    const own = [...policies.values()].filter((candidate) => candidate.resource === resource);
    const policy = own.find((candidate) => fits(candidate, token)) ?? own[0];
    return policy ? ofPolicy(policy, here) : targetOf(target, cloud, resource);
  }
  if (typeof target === 'string') return targetOf(target, PUBLIC_ONLY.includes(target) ? 'public' : cloud, resource);
  if (target?.custom) return ruledTarget('custom', 'the receiver', target.custom, cloud);
  const policy = target?.policy === undefined ? undefined : policies.get(target.policy);
  return policy ? ofPolicy(policy, here) : evident(token, asked, here, policies);
}

function ofPolicy(policy: Policy, cloud: CloudName): Target {
  const { name, keyStalenessSeconds, hash: _, cacheSeconds: __, resource: ___, paths: ____, ...rules } = policy;
  return { ...ruledTarget('policy', `the policy ${name}`, rules, cloud), keyStalenessSeconds };
}

/** Whether a policy accepts issuer and audience of the token. */
const fits = ({ audiences: accepted, issuers }: Policy, token: DecodedToken | undefined): boolean =>
  token !== undefined &&
  issuers.includes(stringClaim(token.claims, 'iss') ?? '') &&
  (audiences(token.claims) ?? []).some((audience) => accepted.includes(audience));

/** By its issuer and audience a policy of this deployment, by its audience a resource of Microsoft's own. */
function evident(
  token: DecodedToken | undefined,
  asked: CloudName | undefined,
  here: CloudName,
  policies: ReadonlyMap<string, Policy>,
): Target {
  const claims = token?.claims ?? {};
  const aud = audiences(claims) ?? [];
  const iss = stringClaim(claims, 'iss') ?? '';
  const policy = [...policies.values()].find((candidate) => fits(candidate, token));
  if (policy) return ofPolicy(policy, here);
  const [name] = aud.flatMap((audience) => resourceOf(audience)?.target ?? []);
  const cloud = asked ?? evidentCloud(iss, aud, name) ?? here;
  return name === undefined ? unnamedTarget(cloud) : targetOf(name, PUBLIC_ONLY.includes(name) ? 'public' : cloud);
}

/** The one the issuer names; of those that share a v1 issuer the one in which the resource is called so. */
function evidentCloud(iss: string, aud: readonly string[], name: TargetName | undefined): CloudName | undefined {
  const clouds = entraIssuer(iss)?.clouds ?? [];
  if (clouds.length <= 1 || name === undefined) return clouds.length === 1 ? clouds[0] : undefined;
  const called = clouds.filter((cloud) => {
    const { audiences: accepted, audiencesUnsettled } = targetOf(name, cloud);
    return aud.some((audience) => accepted.includes(audience) || audiencesUnsettled.includes(audience));
  });
  // What is called the same in both tells nothing.
  return called.length === 1 ? called[0] : undefined;
}
