import { isGuid } from './claims.ts';

/** Types of resources that are read here, as ARM spells them. */
export const CLUSTER_TYPE = 'Microsoft.ContainerService/managedClusters';
export const IDENTITY_TYPE = 'Microsoft.ManagedIdentity/userAssignedIdentities';
export type ResourceType = typeof CLUSTER_TYPE | typeof IDENTITY_TYPE;

/** A resource of a subscription, by the parts of its ARM id. */
export interface ArmId {
  subscriptionId: string;
  resourceGroup: string;
  name: string;
}

const SEGMENT = '([A-Za-z0-9()_.-]{1,128})';

/**
 * Reads an ARM id of that type (azure-docs, resource naming); ARM compares them without regard to letter case. Undefined where it
 * is none, or goes on: `…/federatedIdentityCredentials/x` is another resource.
 */
export function parseArmId(text: string, type: ResourceType): ArmId | undefined {
  const form = new RegExp(
    `^/subscriptions/([0-9a-f-]{36})/resourceGroups/${SEGMENT}/providers/${type.replaceAll('.', '\\.')}/${SEGMENT}/?$`,
    'i',
  );
  const [, subscriptionId, resourceGroup, name] = form.exec(text.trim()) ?? [];
  if (!isGuid(subscriptionId) || !resourceGroup || !name || [resourceGroup, name].some((part) => /\.$/.test(part)))
    return undefined;
  return { subscriptionId: subscriptionId.toLowerCase(), resourceGroup, name };
}

/** Whether both are ids of one resource. */
export function isSameResource(one: string, other: string, type: ResourceType): boolean {
  const [id, otherId] = [parseArmId(one, type), parseArmId(other, type)];
  return (
    id !== undefined && otherId !== undefined && armId(id, type).toLowerCase() === armId(otherId, type).toLowerCase()
  );
}

/** The id as ARM takes it. */
export const armId = ({ subscriptionId, resourceGroup, name }: ArmId, type: ResourceType): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${type}/${name}`;
