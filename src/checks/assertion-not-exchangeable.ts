import { isGuid } from '../contract/claims.ts';
import { type CloudName, entraIssuer } from '../contract/clouds.ts';
import type { Assertion } from '../contract/federation.ts';
import { isJsonObject } from '../contract/json.ts';
import { IDENTITY_BINDING_AUDIENCE } from '../contract/resources.ts';
import { NAMESPACE, parseServiceAccount, SERVICE_ACCOUNT } from '../contract/service-account.ts';
import { KUBERNETES_LEGACY_ISSUER, PERSONAL_TENANT } from '../contract/token-kind.ts';
import { isServiceConnection } from './application-multitenant.ts';
import { defineCheck, fail, pass, type Ruling, shown, UNREADABLE, unknown } from './check.ts';
import { CLUSTER_INTERNAL } from './issuer-not-accepted.ts';

export const assertionNotExchangeable = defineCheck({
  id: 'assertion-not-exchangeable',
  title: 'What is presented is something that can be exchanged at all',
  severity: 'error',
  needs: ['assertion', 'target'],
  // Of a token its kind and issuer say it in more words.
  behind: [...UNREADABLE, 'oidc-issuer-disabled', 'token-kind-not-accepted', 'issuer-not-accepted'],
  remediation: 'Name the workload as its token would: look into one.',
  reference: 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation',

  run: ({ assertion, target }) =>
    ofTexts(assertion) ??
    ofPods(assertion) ??
    (assertion.from === 'token' ? undefined : (ofIssuer(assertion) ?? ofEntra(assertion, target.cloud))) ??
    pass('Nothing of it keeps it from being exchanged.'),
});

/** entra-docs, workload identity federation considerations. */
const LONGEST_FIELD = 600;

/** What no federated credential can say. */
function ofTexts({ issuer = '', subject = '', audiences = [] }: Assertion): Ruling | undefined {
  const texts = [issuer, subject, ...audiences];
  const spaced = texts.find((text) => text !== text.trim());
  if (spaced !== undefined)
    return fail('There is white space around a value that is compared, which blocks the exchange.', {
      actual: shown(spaced),
    });
  const long = texts.find((text) => text.length > LONGEST_FIELD);
  return long === undefined
    ? undefined
    : fail(
        `A value that is compared has ${long.length} characters, and a federated credential takes ${LONGEST_FIELD}.`,
        {
          actual: shown(long),
        },
      );
}

/** Whom Kubernetes writes tokens for. */
function ofPods({ from, issuer = '', subject = '', claims }: Assertion): Ruling | undefined {
  const account = parseServiceAccount(subject);
  const actual = shown(subject);
  if (account && !(NAMESPACE.test(account.namespace) && SERVICE_ACCOUNT.test(account.name)))
    return fail('Kubernetes has no namespace or service account of this name: both are in lower case.', { actual });
  const ofCluster = /^https:\/\/(?:[a-z0-9]+\.oic|oidc)\.prod-aks\.azure\.com\//.test(issuer);
  if (ofCluster && subject !== '' && !account)
    return fail('The issuer is a cluster, and the subject no service account.', {
      expected: 'system:serviceaccount:{namespace}:{service account}',
      actual,
    });
  if (account && PIPELINES.test(issuer))
    return fail('The subject is a service account, and the issuer no cluster.', { actual: shown(issuer) });
  const { namespace, serviceaccount } = isJsonObject(claims['kubernetes.io']) ? claims['kubernetes.io'] : {};
  const name = isJsonObject(serviceaccount) ? serviceaccount.name : undefined;
  const other =
    account &&
    ((typeof namespace === 'string' && namespace !== account.namespace) ||
      (typeof name === 'string' && name !== account.name));
  // A cluster signs no such token.
  return other && from === 'claims'
    ? fail('The claims contradict each other: `sub` names another service account than `kubernetes.io`.', {
        expected: `system:serviceaccount:${shown(namespace)}:${shown(name)}`,
        actual,
      })
    : undefined;
}

const PIPELINES = /^https:\/\/(?:token\.actions\.githubusercontent\.com|vstoken\.dev\.azure\.com|gitlab\.com)(?:\/|$)/;

function ofIssuer({ issuer = '', audiences = [] }: Assertion): Ruling | undefined {
  if (issuer === KUBERNETES_LEGACY_ISSUER || CLUSTER_INTERNAL.test(issuer))
    return fail('The issuer is the cluster’s name for itself, so Entra cannot read its keys.', {
      expected: 'the OIDC issuer of the cluster',
      actual: shown(issuer),
      remediation: { text: 'Turn the OIDC issuer of the cluster on, unless it is on already, and name that one.' },
    });
  if (audiences.includes(IDENTITY_BINDING_AUDIENCE))
    return fail('A token for an identity binding is exchanged through the binding alone.', {
      actual: shown(audiences.join(', ')),
      remediation: {
        text: 'Take the pod off the identity binding, or let it exchange through it, with an SDK that knows bindings.',
      },
    });
  return undefined;
}

/** A managed identity, or a service connection, vouches for an identity of its tenant. */
function ofEntra({ issuer = '', subject }: Assertion, cloud: CloudName): Ruling | undefined {
  const entra = entraIssuer(issuer);
  if (!entra) return undefined;
  const seen = { actual: shown(issuer) };
  if (entra.version === '1.0')
    return fail('The issuer is the v1 one of Entra, of which no token can be exchanged.', {
      ...seen,
      remediation: { text: 'Name the v2 issuer: tokens for api://AzureADTokenExchange come with it.' },
    });
  if (!entra.clouds.includes(cloud)) return fail('The issuer is Entra of another cloud.', seen);
  if (entra.tenant === PERSONAL_TENANT)
    return fail('The issuer is the tenant of personal accounts, which has no managed identities.', seen);
  if (subject === undefined || isServiceConnection(subject)) return undefined;
  return isGuid(subject)
    ? unknown('Only a token shows whether the subject is a managed identity, of which alone Entra exchanges them.', {
        actual: shown(subject),
      })
    : fail('The subject is not the principal id of a managed identity, which Entra writes as a GUID.', {
        actual: shown(subject),
      });
}
