import { Health } from '../contract/health.ts';
import { VERSION } from '../version.ts';
import { jsonEndpoint } from './endpoint.ts';

/** `GET /api/health`: alive, with the version. Needs no setting, no key and no network. */
export const health = jsonEndpoint({
  summary: 'Is it alive, in which version?',
  description: 'Needs no key, no setting and no network.',
  answers: { 200: Health },
  examples: [{ name: 'alive', summary: 'Alive' }],
  answer: async () => ({ body: { status: 'ok', version: VERSION } satisfies Health }),
});
