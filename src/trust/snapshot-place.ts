import * as z from 'zod';

/** Where key snapshots are kept: a container by its address, with this service's own identity, or an account by its keys. */
export type SnapshotPlace =
  | { kind: 'container'; address: string }
  | { kind: 'connection-string'; connectionString: string };

/** The setting TOKEN_DOCTOR_SNAPSHOTS. What is wrong with it is told without a word of it, which may be a secret. */
export const SnapshotPlace = z.string().transform((text, context): SnapshotPlace => {
  const fault = (message: string): never => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  if (!text.includes('://') || text.includes(';')) {
    return namesAccount(text)
      ? { kind: 'connection-string', connectionString: text }
      : fault(
          'Must be the https address of a Blob container, or a connection string that names an account and its key',
        );
  }
  if (!URL.canParse(text)) return fault('Must be an address such as https://account.blob.core.windows.net/container');
  const { protocol, username, password, search, hash, pathname } = new URL(text);
  if (protocol !== 'https:') return fault('Must be an https address: access tokens are sent over nothing else');
  if (search || hash || username || password)
    return fault('Must not carry a signature, a fragment or user information: the identity of this service is used');
  // Azurite has the account in the path.
  if (!/^(?:\/[a-z0-9]{3,24})?\/[a-z0-9](?:-?[a-z0-9]){2,62}\/?$/.test(pathname))
    return fault('Must end in the name of a container of 3 to 63 lower-case letters, digits and single hyphens');
  return { kind: 'container', address: text.replace(/\/$/, '') };
});

/** Storage's documentation, "Configure a connection string". */
function namesAccount(text: string): boolean {
  const parts = new Map(
    text.split(';').map((part) => [part.split('=', 1)[0] ?? '', part.slice(part.indexOf('=') + 1)]),
  );
  const has = (...names: string[]) => names.every((name) => parts.get(name));
  return (
    parts.get('UseDevelopmentStorage') === 'true' ||
    has('AccountName', 'AccountKey') ||
    has('BlobEndpoint', 'SharedAccessSignature')
  );
}
