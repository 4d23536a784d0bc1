import type { Route } from './functions/endpoint.ts';
import type { SettingName } from './settings.ts';

/** What every signature rests on. */
const KEYS: readonly SettingName[] = [
  'TOKEN_DOCTOR_CLOUD',
  'TOKEN_DOCTOR_ISSUERS',
  'TOKEN_DOCTOR_OPEN_ORIGINS',
  'TOKEN_DOCTOR_KEYS_FRESH_SECONDS',
];
/** What may be read of Azure, and where. */
const AZURE: readonly SettingName[] = [
  'TOKEN_DOCTOR_TENANTS',
  'TOKEN_DOCTOR_SUBSCRIPTIONS',
  'TOKEN_DOCTOR_ARM_ENDPOINT',
  'TOKEN_DOCTOR_GRAPH_ENDPOINT',
];
const LIMIT: readonly SettingName[] = ['TOKEN_DOCTOR_RATE_LIMIT'];

/** The API: one line a route. Names are public, since function keys and operations go by them. */
export const routes: readonly Route[] = [
  {
    name: 'introspectToken',
    path: 'api/introspect',
    method: 'POST',
    access: 'decision',
    needs: [...KEYS, 'TOKEN_DOCTOR_POLICIES'],
    load: async () => (await import('./functions/introspect-token.ts')).introspectToken,
  },
  {
    name: 'analyzeToken',
    path: 'api/tokens/analyze',
    method: 'POST',
    access: 'diagnosis',
    needs: [...KEYS, ...LIMIT],
    load: async () => (await import('./functions/analyze-token.ts')).analyzeToken,
  },
  {
    name: 'validateKey',
    path: 'api/keys/validate',
    method: 'POST',
    access: 'diagnosis',
    needs: [...KEYS, ...LIMIT],
    load: async () => (await import('./functions/validate-key.ts')).validateKey,
  },
  {
    name: 'verifyFederation',
    path: 'api/federation/verify',
    method: 'POST',
    access: 'diagnosis',
    needs: [...KEYS, ...AZURE, ...LIMIT],
    load: async () => (await import('./functions/verify-federation.ts')).verifyFederation,
  },
  {
    name: 'listChecks',
    path: 'api/checks',
    method: 'GET',
    access: 'diagnosis',
    needs: LIMIT,
    load: async () => (await import('./functions/list-checks.ts')).listChecks,
  },
  {
    name: 'openapi',
    path: 'api/openapi.json',
    method: 'GET',
    access: 'openapi',
    needs: [...LIMIT, 'TOKEN_DOCTOR_OPEN_ROUTES'],
    load: async () => (await import('./functions/openapi.ts')).openapi,
  },
  {
    name: 'health',
    path: 'api/health',
    method: 'GET',
    access: 'anonymous',
    needs: [],
    load: async () => (await import('./functions/health.ts')).health,
  },
  {
    name: 'readiness',
    path: 'api/health/ready',
    method: 'GET',
    access: 'anonymous',
    needs: [],
    load: async () => (await import('./functions/readiness.ts')).readiness,
  },
];
