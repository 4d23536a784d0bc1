import type { Gathered, TokenEvidence } from './evidence.ts';
import type {
  Assertion,
  Cluster,
  FederatedCredentials,
  FederatedIdentity,
  IdentityBinding,
  Lookup,
  Publication,
  Workload,
} from './federation.ts';

/** Evidence of the question whether Entra would exchange a token. */
export interface FederationEvidence extends TokenEvidence {
  /** What the request says of the workload. */
  workload: Gathered<Workload>;
  /** What is presented: read from the token, else put together from the workload and its cluster. */
  assertion: Gathered<Assertion>;
  clusterLookup: Gathered<Lookup>;
  cluster: Gathered<Cluster>;
  /** Of the issuer of the assertion. */
  publication: Gathered<Publication>;
  identityLookup: Gathered<Lookup>;
  identity: Gathered<FederatedIdentity>;
  /** The tenant whose token endpoint the workload asks. */
  askedTenant: Gathered<string>;
  federatedCredentials: Gathered<FederatedCredentials>;
  identityBindings: Gathered<readonly IdentityBinding[]>;
  /** Issuers of credentials that are published no more, of those that could be asked. */
  deadIssuers: Gathered<readonly string[]>;
  /** Whether everything has to be seen from here, and what was handed in instead. */
  observation: Gathered<{ required: boolean; supplied: readonly string[] }>;
}
