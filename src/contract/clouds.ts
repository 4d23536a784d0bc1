import * as z from 'zod';
import { isGuid } from './claims.ts';

export const CloudName = z.enum(['public', 'usgovernment', 'china']);
export type CloudName = z.infer<typeof CloudName>;

/** One Microsoft cloud, as its tokens and metadata spell it (MicrosoftDocs/entra-docs, authentication-national-cloud.md). */
export interface Cloud {
  title: string;
  /** As `az cloud set --name` takes it. */
  cliName: string;
  /** Where token requests go and metadata is read. */
  authorityHost: string;
  /** Further hosts that serve the same authority. */
  authorityAliases: readonly string[];
  /** Host of v1 issuers. US Government shares the public cloud's, so a v1 `iss` alone does not tell the cloud. */
  v1IssuerHost: string;
  /** Hosts of which no source says whether they issue v1 tokens here. */
  v1IssuersUnsettled: readonly string[];
  /** Addresses of Azure Resource Manager and of Microsoft Graph (azure-docs; Microsoft Graph, national clouds). */
  armEndpoint: string;
  graphEndpoint: string;
  /** Audiences Azure Resource Manager lists in its own refusals. */
  armAudiences: readonly string[];
  /** The same without the slash: seen in the public cloud's newer list only, so elsewhere they settle nothing. */
  armAudiencesUnsettled: readonly string[];
}

export const clouds: Record<CloudName, Cloud> = {
  public: {
    title: 'the public cloud',
    cliName: 'AzureCloud',
    authorityHost: 'login.microsoftonline.com',
    authorityAliases: ['login.windows.net', 'login.microsoft.com'],
    v1IssuerHost: 'sts.windows.net',
    v1IssuersUnsettled: [],
    armEndpoint: 'https://management.azure.com',
    graphEndpoint: 'https://graph.microsoft.com',
    armAudiences: [
      'https://management.azure.com/',
      'https://management.core.windows.net/',
      'https://management.azure.com',
      'https://management.core.windows.net',
    ],
    armAudiencesUnsettled: [],
  },
  usgovernment: {
    title: 'Azure US Government',
    cliName: 'AzureUSGovernment',
    authorityHost: 'login.microsoftonline.us',
    authorityAliases: [],
    v1IssuerHost: 'sts.windows.net',
    v1IssuersUnsettled: ['sts.microsoftonline.us'],
    armEndpoint: 'https://management.usgovcloudapi.net',
    graphEndpoint: 'https://graph.microsoft.us',
    armAudiences: ['https://management.usgovcloudapi.net/', 'https://management.core.usgovcloudapi.net/'],
    armAudiencesUnsettled: ['https://management.usgovcloudapi.net', 'https://management.core.usgovcloudapi.net'],
  },
  china: {
    title: 'Azure operated by 21Vianet (China)',
    cliName: 'AzureChinaCloud',
    authorityHost: 'login.partner.microsoftonline.cn',
    authorityAliases: ['login.chinacloudapi.cn'],
    v1IssuerHost: 'sts.chinacloudapi.cn',
    v1IssuersUnsettled: [],
    armEndpoint: 'https://management.chinacloudapi.cn',
    graphEndpoint: 'https://microsoftgraph.chinacloudapi.cn',
    armAudiences: ['https://management.chinacloudapi.cn/', 'https://management.core.chinacloudapi.cn/'],
    armAudiencesUnsettled: ['https://management.chinacloudapi.cn', 'https://management.core.chinacloudapi.cn'],
  },
};

/** The v1 issuer of a tenant: with a trailing slash (entra-docs, access-tokens.md). */
export const v1Issuer = (cloud: CloudName, tenant: string) => `https://${clouds[cloud].v1IssuerHost}/${tenant}/`;
/** The v2 issuer of a tenant: without one. */
export const v2Issuer = (cloud: CloudName, tenant: string) => `https://${clouds[cloud].authorityHost}/${tenant}/v2.0`;

/** What an issuer string says of itself when it has exactly one of Entra's forms. */
export interface EntraIssuer {
  version: '1.0' | '2.0';
  tenant: string;
  /** More than one for the v1 issuer that the public cloud and US Government share. */
  clouds: readonly CloudName[];
}

/** Reads an Entra issuer; undefined for anything that is not letter for letter of such a form. */
export function entraIssuer(issuer: string): EntraIssuer | undefined {
  const [, tenant] = /^https:\/\/[a-z.]+\/([^/]+)\//.exec(issuer) ?? [];
  if (!isGuid(tenant) || tenant !== tenant.toLowerCase()) return undefined;
  const names = CloudName.options;
  const v1 = names.filter((name) => v1Issuer(name, tenant) === issuer);
  if (v1.length > 0) return { version: '1.0', tenant, clouds: v1 };
  const v2 = names.filter((name) => v2Issuer(name, tenant) === issuer);
  return v2.length > 0 ? { version: '2.0', tenant, clouds: v2 } : undefined;
}
