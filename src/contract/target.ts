import * as z from 'zod';
import { type CloudName, clouds } from './clouds.ts';
import { AKS_SERVER_APP_ID } from './resources.ts';

/** Receivers whose rules are known here. */
export const TargetName = z
  .enum(['aks-api-server', 'arm'])
  .meta({ id: 'TargetName', description: 'Who is to accept the token.' });
export type TargetName = z.infer<typeof TargetName>;

/** One receiver in one cloud: what it takes, and what to ask Entra for to get it. */
export interface Target {
  name: TargetName;
  cloud: CloudName;
  title: string;
  /** Accepted audiences, compared as exact strings; the first is the one to ask for. */
  audiences: readonly string[];
  /** Audiences of which no source says whether they are accepted here. */
  audiencesUnsettled: readonly string[];
  /** v1 token request: `resource=`. */
  resource: string;
  /** v2 token request: `scope=`. */
  scope: string;
  /** Whether the receiver can be set up to trust issuers other than Entra, so that a foreign one is not a fault by itself. */
  otherIssuersPossible: boolean;
}

/**
 * Sources: Azure/kubelogin concepts/aks.md (AKS server application); the wrong-audience refusal of Azure Resource
 * Manager, which lists what it takes; AKS external identity providers (structured authentication).
 */
export function targetOf(name: TargetName, cloud: CloudName): Target {
  if (name === 'aks-api-server') {
    return {
      name,
      cloud,
      title: 'the AKS API server',
      audiences: [AKS_SERVER_APP_ID],
      audiencesUnsettled: [],
      resource: AKS_SERVER_APP_ID,
      scope: `${AKS_SERVER_APP_ID}/.default`,
      otherIssuersPossible: true,
    };
  }
  const { title, armAudiences, armAudiencesUnsettled } = clouds[cloud];
  const [resource = ''] = armAudiences;
  return {
    name,
    cloud,
    title: `Azure Resource Manager in ${title}`,
    audiences: armAudiences,
    audiencesUnsettled: armAudiencesUnsettled,
    resource,
    // The text before `/.default` becomes the audience, so its own slash stays (entra-docs, scopes-oidc.md).
    scope: `${resource}/.default`,
    otherIssuersPossible: false,
  };
}
