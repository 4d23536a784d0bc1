/** What Kubernetes takes as names: a label, a subdomain (RFC 1123; kubernetes/website, names.md). */
export const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
export const SERVICE_ACCOUNT = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;

/** Whom a pod acts as. */
export interface ServiceAccount {
  namespace: string;
  name: string;
}

/** `system:serviceaccount:{namespace}:{name}` (kubernetes/website, service-accounts-admin.md); undefined for any other subject. */
export function parseServiceAccount(subject: string): ServiceAccount | undefined {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(subject) ?? [];
  return namespace !== undefined && name !== undefined ? { namespace, name } : undefined;
}

export const subjectOf = ({ namespace, name }: ServiceAccount): string => `system:serviceaccount:${namespace}:${name}`;
