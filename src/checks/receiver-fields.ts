import type { KeyAddress, KeyReceiver } from '../contract/evidence.ts';
import type { Remediation } from '../contract/finding.ts';
import type { ReceiverProduct } from '../contract/validate-key.ts';

/** Where a receiver is told about keys, in the words of its own screens. */
interface Fields {
  /** As a sentence goes on after "set". */
  field: string;
  /** What goes into it: the address of the keys, that of the metadata, which name the former, or the issuer, which names the latter. */
  takes: 'keys' | 'metadata' | 'issuer';
  /** How it comes to fetch the keys anew. */
  refresh: string;
  /** Where keys that were uploaded by hand are named. */
  upload: string;
  /** What else it asks of a token, so that the next refusal is no surprise. */
  needs?: string;
}

/** ServiceNow: Zurich, "Configure an OAuth JSON web token bearer grant", KB2780010, KB0720547, KB0954819; Entra: use-oidc-issuer.md. */
const FIELDS: Readonly<Record<ReceiverProduct, Fields>> = {
  'servicenow-jwt-bearer': {
    field:
      'the field JWKS URL of the OAuth JSON web token bearer grant (Machine Identity Console, Inbound integrations; KB2780010)',
    takes: 'keys',
    refresh: 'Have ServiceNow read the JWKS URL again: the instance keeps what it has read.',
    upload: 'In the JWT verifier map set the field Kid, or use the field JWKS URL instead, which needs no upload.',
    needs:
      'The grant also asks that the Client ID is both `iss` and `aud` of the JWT, and with Enable JTI verification (on by default) for a `jti`, which Entra does not write.',
  },
  'servicenow-oidc': {
    field:
      'the OIDC metadata URL of the provider configuration (System OAuth, Application Registry, external OIDC provider)',
    takes: 'metadata',
    refresh:
      'Have ServiceNow read the OIDC metadata URL again: the instance keeps the configuration and keys it has read.',
    upload: 'Use the OIDC metadata URL, which needs no upload.',
    needs:
      'It also asks that `aud` is the Client ID, and that the user claim of the provider configuration names a user in sys_user.',
  },
  'servicenow-mcp': {
    field:
      'the field JWKS URL of the inbound integration that the MCP server verifies tokens by (Machine Identity Console)',
    takes: 'keys',
    refresh: 'Have ServiceNow read the JWKS URL again: the instance keeps what it has read.',
    upload: 'In the JWT verifier map set the field Kid, or use the field JWKS URL instead, which needs no upload.',
    needs: 'The key is the first thing it looks at: issuer, audience and expiry are judged after it.',
  },
  'token-exchange': {
    field: 'the issuer of the federated credential',
    takes: 'issuer',
    refresh:
      'Wait some minutes and try again: Entra keeps the keys it has read, and AKS publishes old and new keys for 24 h after a rotation.',
    upload: 'Entra reads published keys alone.',
  },
  other: {
    field: 'the JWKS address of the receiver',
    takes: 'keys',
    refresh: 'Have the receiver fetch the keys again, or restart it: it keeps what it has read.',
    upload:
      'Upload the key again under the `kid` that tokens name, or have the receiver read the published keys instead.',
  },
};

export const fieldsOf = ({ product }: KeyReceiver): Fields => FIELDS[product];

/** Which value to put where. */
export function pointTo({ keysUrl, metadataUrl, issuer, url }: KeyAddress, receiver: KeyReceiver): Remediation {
  const { field, takes } = fieldsOf(receiver);
  const value = { keys: keysUrl, metadata: metadataUrl, issuer }[takes] ?? url;
  return { text: `Set ${field} to ${value}.` };
}
