import type { AnalyzeTokenRequest } from '../contract/analyze-token.ts';
import { audiences, stringClaim } from '../contract/claims.ts';
import type { CloudName } from '../contract/clouds.ts';
import type { DecodedToken } from '../contract/evidence.ts';
import { resourceOf } from '../contract/resources.ts';
import { PUBLIC_ONLY, ruledTarget, type Target, type TargetName, targetOf, unnamedTarget } from '../contract/target.ts';
import { cloudOfIssuer } from '../contract/token-profile.ts';
import type { Policy } from '../trust/policies.ts';

/** Who is to accept the token: whom the caller names, else whom the token itself points to. */
export function chooseTarget(
  { target, cloud: asked, resource }: AnalyzeTokenRequest,
  token: DecodedToken | undefined,
  { cloud: here }: { cloud: CloudName },
  policies: ReadonlyMap<string, Policy>,
): Target {
  const cloud = asked ?? here;
  if (typeof target === 'string') return named(target, cloud, resource, policies);
  if (target?.custom) return ruledTarget('custom', 'the receiver', target.custom, cloud);
  const policy = target?.policy === undefined ? undefined : policies.get(target.policy);
  if (policy) return ofPolicy(policy, cloud);
  const issuerCloud = cloudOfIssuer(stringClaim(token?.claims ?? {}, 'iss') ?? '');
  return evident(token, asked ?? issuerCloud ?? here, policies);
}

function ofPolicy(policy: Policy, cloud: CloudName): Target {
  const { name, keyStalenessSeconds, hash: _, cacheSeconds: __, resource: ___, paths: ____, ...rules } = policy;
  return { ...ruledTarget('policy', `the policy ${name}`, rules, cloud), keyStalenessSeconds };
}

function named(
  name: TargetName,
  cloud: CloudName,
  resource: string | undefined,
  policies: ReadonlyMap<string, Policy>,
): Target {
  const target = targetOf(name, PUBLIC_ONLY.includes(name) ? 'public' : cloud, resource);
  if (name !== 'mcp') return target;
  // What this deployment was told of the same server, it takes too: Entra's v2 tokens carry the client id as audience.
  const told = [...policies.values()].filter((policy) => policy.resource === resource);
  return { ...target, audiences: [...target.audiences, ...told.flatMap(({ audiences: accepted }) => accepted)] };
}

/** By its audience: a resource of Microsoft's own, or a policy of this deployment. */
function evident(token: DecodedToken | undefined, cloud: CloudName, policies: ReadonlyMap<string, Policy>): Target {
  const claims = token?.claims ?? {};
  const aud = audiences(claims) ?? [];
  const [name] = aud.flatMap((audience) => resourceOf(audience)?.target ?? []);
  if (name !== undefined) return named(name, cloud, undefined, policies);
  const iss = stringClaim(claims, 'iss') ?? '';
  const policy = [...policies.values()].find(
    ({ audiences: accepted, issuers }) => issuers.includes(iss) && aud.some((audience) => accepted.includes(audience)),
  );
  return policy ? ofPolicy(policy, cloud) : unnamedTarget(cloud);
}
