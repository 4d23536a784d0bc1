import type { JsonObject } from './json.ts';

/**
 * An AKS cluster, as far as federation goes (azure-rest-api-specs, Microsoft.ContainerService/managedClusters). A member that is left
 * out is not known: what was handed in may be a part of the document.
 */
export interface Cluster {
  id?: string;
  name?: string;
  oidcIssuerEnabled?: boolean;
  /** `oidcIssuerProfile.issuerURL`, letter for letter. */
  oidcIssuer?: string;
  workloadIdentityEnabled?: boolean;
  /** `powerState.code`: `Running` or `Stopped`. */
  powerState?: string;
  provisioningState?: string;
  kubernetesVersion?: string;
  /** As its issuer names it, else its identity, else its Entra integration. */
  tenantId?: string;
}

/**
 * What an identity is; only the first two take federated credentials (entra-docs, workload identity federation). `managed-identity`:
 * one of which it is not known whether it is user-assigned.
 */
export type IdentityKind =
  | 'user-assigned'
  | 'application'
  | 'system-assigned'
  | 'enterprise-application'
  | 'managed-identity';

/** Whom a token is to be exchanged for. */
export interface FederatedIdentity {
  kind: IdentityKind;
  clientId?: string;
  /** Object id of the service principal. */
  principalId?: string;
  /** Object id of the application registration, which is yet another. */
  applicationObjectId?: string;
  tenantId?: string;
  /** ARM id of a user-assigned identity. */
  resourceId?: string;
  name?: string;
  /** `signInAudience` of an application registration. */
  signInAudience?: string;
}

/** Names under which an identity or a cluster is looked for. */
export type LookupKey = 'resourceId' | 'clientId' | 'principalId' | 'appId' | 'name' | 'issuer' | 'evidence';

/** How something was looked for, and what came of it. */
export interface Lookup {
  by: LookupKey;
  /** What it was looked for by. */
  named: string;
  found: boolean;
  /** Where it was looked for, as a sentence goes on after "in". */
  where: string;
  /** Whether it is not there at all; else it may only be out of sight. */
  settled: boolean;
  /** Nobody named it: it is the cluster that the issuer of a token belongs to. */
  unasked?: true;
  /** ARM ids of all that fit, where several do. */
  several?: readonly string[];
  /** Which other id of what was found the given one is. */
  mistaken?: 'principal-id' | 'application-object-id' | 'resource-id' | 'client-id' | 'white-space';
}

/** `claimsMatchingExpression` of a flexible credential; in place of a subject. */
export interface MatchingExpression {
  value: string;
  languageVersion?: unknown;
}

/** Of one identity or application (entra-docs, workload identity federation considerations). */
export const MOST_CREDENTIALS = 20;

/** A federated identity credential, letter for letter. */
export interface FederatedCredential {
  name?: string;
  issuer: string;
  /** Left out of a flexible one. */
  subject?: string;
  /** Left out where they were not told. */
  audiences?: readonly string[];
  /** Of a flexible one, where it was told. */
  expression?: MatchingExpression;
  createdAt?: Date;
  modifiedAt?: Date;
}

export interface FederatedCredentials {
  credentials: readonly FederatedCredential[];
  /** Whether these are all of them. */
  complete: boolean;
  /** Whose they are. */
  of?: FederatedIdentity;
}

/** An identity binding of a cluster (azure-aks-docs, identity bindings). */
export interface IdentityBinding {
  name?: string;
  clientId?: string;
  resourceId?: string;
  issuer?: string;
}

/** Issuer of the credential `aks-identity-binding`, which AKS makes for identity bindings, whatever cluster uses it. */
const BINDING_ISSUER = /^https:\/\/ib\.oic\.prod-aks\.azure\.com\//;
export const isOfBinding = ({ issuer }: Pick<FederatedCredential, 'issuer'>): boolean => BINDING_ISSUER.test(issuer);

/** What is presented to Entra: of a token, or what a token of the workload would say. */
export interface Assertion {
  /** `token`: a whole one; `claims`: its claims; `workload`: none yet, only what it would say. */
  from: 'token' | 'claims' | 'workload';
  issuer?: string;
  /** The caller wrote the issuer: neither a token nor a document says it. */
  issuerWritten?: true;
  subject?: string;
  audiences?: readonly string[];
  claims: JsonObject;
}

/** The workload as the request describes it. */
export interface Workload {
  subject?: string;
  issuer?: string;
  audience?: string;
}

/** Whether what an issuer publishes could be read by everybody. */
export interface Publication {
  issuer: string;
  metadataUrl: string;
  /** Why metadata or keys could not be read; left out where they could. */
  unread?: { page: 'metadata' | 'keys'; reason: string; detail: string };
}
