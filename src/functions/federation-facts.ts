import { nearestCandidate } from '../checks/federated-match.ts';
import type { FederatedIdentity, IdentityKind } from '../contract/federation.ts';
import type { FederationEvidence } from '../contract/federation-evidence.ts';
import type { Fact } from '../contract/report.ts';

const KINDS: Readonly<Record<IdentityKind, string>> = {
  'user-assigned': 'user-assigned identity',
  application: 'application registration',
  'system-assigned': 'system-assigned identity',
  'managed-identity': 'managed identity',
  'enterprise-application': 'service principal of an application',
};

/** The chain, link by link, in words a person reads first. */
export function federationFacts(evidence: FederationEvidence): Fact[] {
  const { cluster, identity, federatedCredentials, assertion, issuerMetadata } = evidence;
  const presented = assertion.state === 'present' ? assertion.value : undefined;
  const nearest =
    presented && federatedCredentials.state === 'present'
      ? nearestCandidate(presented, federatedCredentials.value)
      : undefined;
  return [
    ...told('Cluster', cluster.state === 'present' ? (cluster.value.id ?? cluster.value.name) : undefined),
    ...told('OIDC issuer of the cluster', cluster.state === 'present' ? cluster.value.oidcIssuer : undefined),
    ...told('Issuer presented', presented?.issuer),
    ...told('Issuer in its own metadata', issuerMetadata.state === 'present' ? issuerMetadata.value.issuer : undefined),
    ...told('Subject presented', presented?.subject),
    ...told('Audience presented', presented?.audiences?.join(', ')),
    ...told('Identity', identity.state === 'present' ? called(identity.value) : undefined),
    ...told(
      'Federated credentials',
      federatedCredentials.state === 'present' ? String(federatedCredentials.value.credentials.length) : undefined,
    ),
    ...(nearest
      ? [
          ...told('Nearest credential', nearest.credential.name ?? 'without a name'),
          ...told('Its issuer', nearest.issuer.actual),
          ...told('Its subject', nearest.subject.actual),
          ...told('Its audience', nearest.audience.actual),
        ]
      : []),
  ];
}

const told = (name: string, value: string | undefined): Fact[] => (value ? [{ name, value }] : []);

const called = ({ kind, name, clientId }: FederatedIdentity): string =>
  [name, KINDS[kind], ...(clientId === undefined ? [] : [`client id ${clientId}`])].filter(Boolean).join(', ');
