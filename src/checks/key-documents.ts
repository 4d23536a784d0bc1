import type { KeyAddress, KeyDocument } from '../contract/evidence.ts';
import { shown } from './check.ts';

/** The document the receiver goes by: the address it was given, else what was asked about. */
export const ofReceiver = (documents: readonly KeyDocument[]): KeyDocument | undefined =>
  documents.find(({ role }) => role === 'receiver') ?? documents.find(({ role }) => role === 'asked');

/** The documents that have the key, the likeliest first. */
export const withKey = (documents: readonly KeyDocument[]): KeyDocument[] =>
  documents.filter(({ kidPublished }) => kidPublished === true);

/** Whether the document that was asked about has the key; undefined where that could not be seen. */
export const asked = (documents: readonly KeyDocument[]): KeyDocument | undefined =>
  documents.find(({ role }) => role === 'asked');

/** Whose keys they are, as a sentence goes on after "the keys of". */
export function whose({ family, issuer, tenant, policy, appId, cloud, url }: KeyAddress): string {
  if (appId !== undefined) return `the application ${shown(appId)} alone`;
  if (policy !== undefined) return `the policy ${shown(policy)}`;
  if (family === 'entra' && tenant !== undefined) {
    const where = cloud === undefined || cloud === 'public' ? '' : ` (${CLOUDS[cloud]})`;
    return `${SEVERAL.includes(tenant) ? `all tenants (${tenant})` : `the tenant ${shown(tenant)}`}${where}`;
  }
  return shown(issuer ?? url);
}

const CLOUDS = { public: 'public cloud', usgovernment: 'Azure US Government', china: 'Azure in China' } as const;
const SEVERAL = ['common', 'organizations', 'consumers'];

/** In how many other documents a key was looked for, as a sentence goes on. */
export function elsewhereInWords(documents: readonly KeyDocument[]): string {
  const others = documents.filter(({ role }) => role !== 'asked');
  const unread = others.filter((document) => document.unread).length;
  const read = others.length - unread;
  return [
    ...(read > 0 ? [`, nor in ${read} further ${read === 1 ? 'document' : 'documents'}`] : []),
    ...(unread > 0 ? [`; ${unread} more could not be read`] : []),
  ].join('');
}
