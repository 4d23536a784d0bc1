import { CloudName, clouds } from './clouds.ts';
import type { Difference, DifferenceKind } from './finding.ts';
import { TOKEN_EXCHANGE_AUDIENCES } from './resources.ts';
import { parseServiceAccount } from './service-account.ts';

/** Names the slip that turns `expected` into `actual`; undefined when they are equal. For the hint, never for a verdict. */
export function difference(expected: string, actual: string): Difference | undefined {
  if (expected === actual) return undefined;
  let at = 0;
  while (expected.charAt(at) === actual.charAt(at)) at += 1;
  return { kind: kindOf(expected, actual), at };
}

/** The same of two subjects, where the slip may also be whose they are, or how they are written. */
export function subjectDifference(expected: string, actual: string): Difference | undefined {
  const found = difference(expected, actual);
  return found?.kind === 'other' ? { ...found, kind: ofSubjects(expected, actual) ?? 'other' } : found;
}

function kindOf(expected: string, actual: string): DifferenceKind {
  if (`${expected}/` === actual || expected === `${actual}/`) return 'trailing-slash';
  if (expected === actual.trim() || expected.trim() === actual) return 'white-space';
  if (expected.toLowerCase() === actual.toLowerCase()) return 'letter-case';
  if (decoded(expected) === decoded(actual)) return 'encoding';
  const alikeInLength =
    Math.abs(expected.length - actual.length) <= LONGEST_DISGUISE && expected.length <= LONGEST_COMPARED;
  if (alikeInLength && lookOf(expected) === lookOf(actual)) return 'homoglyph';
  return ofIssuers(expected, actual) ?? ofAudiences(expected, actual) ?? 'other';
}

/** A caller's own list may be as long as a body; a hint is not worth comparing more. */
const MOST_COMPARED = 100;

/** The one of `candidates` that `actual` was most likely meant to be: a slip away, else the first. */
export function nearest(
  candidates: readonly string[],
  actual: string,
): { expected: string; difference: Difference } | undefined {
  const found = candidates.slice(0, MOST_COMPARED).flatMap((expected) => {
    const slip = difference(expected, actual);
    return slip ? [{ expected, difference: slip }] : [];
  });
  return found.find((candidate) => candidate.difference.kind !== 'other') ?? found[0];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Issuers, subjects and audiences have at most 600 characters; a hint is not worth looking at longer ones. */
const LONGEST_COMPARED = 1_000;
/** How many characters a look-alike may have more: what cannot be seen, and two letters that look like one. */
const LONGEST_DISGUISE = 32;

/** Letters of other scripts that look like Latin ones (Unicode TR 39, as far as host names and words of issuers go). */
const LOOK_ALIKES: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ['a', 'аɑα'],
    ['c', 'сϲ'],
    ['d', 'ԁ'],
    ['e', 'еҽ'],
    ['g', 'ɡ'],
    ['h', 'һ'],
    ['i', 'іıɩι'],
    ['j', 'ј'],
    ['k', 'κк'],
    ['l', 'ӏ|1i'],
    ['n', 'ո'],
    ['o', 'оοօ0'],
    ['p', 'рρ'],
    ['s', 'ѕ'],
    ['u', 'υս'],
    ['v', 'ν'],
    ['w', 'ԝ'],
    ['x', 'хχ'],
    ['y', 'уү'],
    ['-', '‐‑‒–—−'],
    ['/', '⁄∕'],
    ['.', '․。'],
  ].flatMap(([plain = '', alike = '']) => [...alike].map((letter) => [letter, plain === 'i' ? 'l' : plain])),
);

/** A text reduced to what a reader sees of it: what cannot be seen is gone, what looks alike is the same. */
const lookOf = (text: string): string =>
  [
    ...text
      .normalize('NFKC')
      .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
      .toLowerCase(),
  ]
    .map((letter) => LOOK_ALIKES[letter] ?? letter)
    .join('')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w');

const GUID = '[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}';
const ENTRA = new RegExp(`^https://([a-z.]+)/(${GUID})(/|/v2\\.0)$`);
/** What clusters had before regions stood in the host: one GUID, or two. */
const OLDER_CLUSTER = new RegExp(`^https://oidc\\.prod-aks\\.azure\\.com/(?:${GUID}/)?(${GUID})/$`);
const CLUSTER = new RegExp(`^https://([a-z0-9]+)\\.oic\\.prod-aks\\.azure\\.com/(${GUID})/(${GUID})/$`);

/** Two issuers of one family: which part of them parts them. */
function ofIssuers(expected: string, actual: string): DifferenceKind | undefined {
  const [, region, tenant, cluster] = CLUSTER.exec(expected) ?? [];
  const [, otherRegion, otherTenant, otherCluster] = CLUSTER.exec(actual) ?? [];
  if (region !== undefined && otherRegion !== undefined) {
    if (tenant !== otherTenant) return 'other-tenant';
    return cluster === otherCluster && region !== otherRegion ? 'other-region' : 'other-cluster';
  }
  const [older, otherOlder] = [OLDER_CLUSTER.exec(expected)?.[1], OLDER_CLUSTER.exec(actual)?.[1]];
  if ((older ?? cluster) !== undefined && (otherOlder ?? otherCluster) !== undefined)
    return (older ?? cluster) === (otherOlder ?? otherCluster) ? 'host-alias' : 'other-cluster';
  const [, host = '', ofTenant, form] = ENTRA.exec(expected) ?? [];
  const [, otherHost = '', ofOtherTenant, otherForm] = ENTRA.exec(actual) ?? [];
  const cloud = cloudOf(host);
  const otherCloud = cloudOf(otherHost);
  if (!cloud || !otherCloud || form !== otherForm) return undefined;
  if (cloud !== otherCloud) return 'cloud';
  if (ofTenant !== ofOtherTenant) return 'other-tenant';
  const { authorityAliases } = clouds[cloud];
  return host !== otherHost && [host, otherHost].some((name) => authorityAliases.includes(name))
    ? 'host-alias'
    : undefined;
}

/** Kinds of runs in subjects of GitHub (docs.github.com, OpenID Connect reference), behind the names of owner and repository. */
const GITHUB =
  /^repo:([^/@:]+)(@\d+)?\/([^/@:]+)(@\d+)?:(environment|ref:refs\/heads|ref:refs\/tags|ref|pull_request|job_workflow_ref)(?::|\/|$)/;

/** Two subjects of one kind of issuer: whose they are, or how they are written. */
function ofSubjects(expected: string, actual: string): DifferenceKind | undefined {
  const [account, otherAccount] = [parseServiceAccount(expected), parseServiceAccount(actual)];
  if (account && otherAccount) return account.namespace === otherAccount.namespace ? 'service-account' : 'namespace';
  if (account || otherAccount) return 'subject-format';
  const [, owner, ownerId, repository, , run] = GITHUB.exec(expected) ?? [];
  const [, otherOwner, otherOwnerId, otherRepository, , otherRun] = GITHUB.exec(actual) ?? [];
  if (owner === undefined || owner !== otherOwner || repository !== otherRepository) return undefined;
  const immutable = ownerId !== undefined;
  return immutable !== (otherOwnerId !== undefined) || run !== otherRun ? 'subject-format' : undefined;
}

const ofAudiences = (expected: string, actual: string): DifferenceKind | undefined =>
  [expected, actual].every((audience) => TOKEN_EXCHANGE_AUDIENCES.includes(audience)) ? 'cloud' : undefined;

const cloudOf = (host: string): CloudName | undefined =>
  CloudName.options.find((name) => {
    const { authorityHost, authorityAliases, v1IssuerHost } = clouds[name];
    return [authorityHost, v1IssuerHost, ...authorityAliases].includes(host);
  });
