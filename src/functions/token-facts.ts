import { inWords } from '../contract/duration.ts';
import type { TokenEvidence } from '../contract/evidence.ts';
import type { Fact } from '../contract/report.ts';
import { cloudTitles, type TokenProfile } from '../contract/token-profile.ts';

/** What the token is, in words a person reads first. Empty of one that cannot be read. */
export function tokenFacts({ tokenKind, profile }: TokenEvidence): Fact[] {
  if (tokenKind.state === 'absent' || profile.state === 'absent') return [];
  const { title, because } = tokenKind.value;
  const { access, clouds, tenant, client, subject, objectId, workload, audiences, lifetime } = profile.value;
  return [
    { name: 'Kind', value: title, because },
    ...(access ? [{ name: 'Whose', value: WHOSE[access.kind], because: access.because }] : []),
    ...told('For', audiences.map(({ audience, resource }) => named(audience, resource)).join('; ')),
    ...told('Cloud', cloudTitles(clouds)),
    ...told('Tenant', tenant),
    ...told('Client', client && named(client.id, client.name)),
    ...told('Subject', subject),
    ...told('Workload', workload),
    ...(objectId !== subject ? told('Object id', objectId) : []),
    ...told('Lifetime', lifetime && lifetimeInWords(lifetime)),
  ];
}

const WHOSE = {
  'app-only': 'app-only, an application’s own',
  delegated: 'delegated, a user’s through a client',
  undetermined: 'undetermined',
} as const;

const told = (name: string, value: string | undefined): Fact[] => (value ? [{ name, value }] : []);

const named = (id: string, name: string | undefined): string => (name === undefined ? id : `${id}, ${name}`);

function lifetimeInWords({ issuedAt, notBefore, expiresAt, lifetimeSeconds, leftSeconds }: Lifetime): string {
  const from = issuedAt ?? notBefore;
  return [
    ...(from ? [`from ${from.toISOString()}`] : []),
    ...(expiresAt ? [`until ${expiresAt.toISOString()}`] : ['without an end']),
    ...(lifetimeSeconds !== undefined && lifetimeSeconds > 0 ? [`(${inWords(lifetimeSeconds)})`] : []),
    ...(leftSeconds === undefined
      ? []
      : [leftSeconds > 0 ? `with ${inWords(leftSeconds)} left` : `expired ${inWords(-leftSeconds)} ago`]),
  ].join(' ');
}

type Lifetime = NonNullable<TokenProfile['lifetime']>;
