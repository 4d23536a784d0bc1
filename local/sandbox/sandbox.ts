import type { ServerResponse } from 'node:http';
import { refusals } from '../loopback-guard.ts';
import { startIdentityEndpoint } from './azure.ts';
import { startIssuers } from './issuers.ts';
import { filledScenarios } from './scenarios.ts';
import { makeSandboxKeys } from './signing-key.ts';
import { RecipeError, type SandboxKeys } from './token-bases.ts';
import { mint } from './tokens.ts';

/** Every answer of a process with a sandbox says so, since its far side is invented. */
export const SANDBOX_HEADERS = { 'x-token-doctor-sandbox': 'true' } as const;

export interface Sandbox {
  /** Answers `/sandbox/…` beside the product's own routes; false for any other path. */
  aside(url: URL, response: ServerResponse): boolean;
  close(): Promise<void>;
}

/** Starts the far side: keys made now, the documents of a tenant and a cluster, tokens by recipe. */
export async function startSandbox(): Promise<Sandbox> {
  const keys = await makeSandboxKeys();
  const [issuers, identity] = await Promise.all([startIssuers(keys), startIdentityEndpoint()]);
  return {
    close: async () => void (await Promise.all([issuers.close(), identity.close()])),
    aside: ({ pathname, search }, response) => {
      if (pathname !== '/sandbox' && !pathname.startsWith('/sandbox/')) return false;
      void answer(pathname, search, keys).then(({ status, contentType, body }) => {
        response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' }).end(body);
      });
      return true;
    },
  };
}

interface Answer {
  status: number;
  contentType: string;
  body: string;
}

const json = (status: number, body: unknown): Answer => ({
  status,
  contentType: 'application/json',
  body: `${JSON.stringify(body, null, 2)}\n`,
});

async function answer(pathname: string, search: string, keys: SandboxKeys): Promise<Answer> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const [, , kind, name = ''] = pathname.split('/');
  try {
    if (kind === 'tokens')
      return { status: 200, contentType: 'text/plain', body: await mint(name + search, keys, nowSeconds) };
    if (kind === 'scenarios') {
      const scenarios = await filledScenarios(keys, nowSeconds);
      return name === '' ? json(200, { scenarios }) : json(200, found(scenarios, name));
    }
    if (kind === 'refusals') return json(200, { refusals: refusals() });
    return json(404, {
      detail:
        'The sandbox serves /sandbox/scenarios, /sandbox/scenarios/{name}, /sandbox/tokens/{recipe} and /sandbox/refusals.',
    });
  } catch (error) {
    if (error instanceof RecipeError) return json(404, { detail: error.message });
    return json(500, { detail: `The sandbox failed: ${error instanceof Error ? error.message : String(error)}` });
  }
}

function found<T extends { name: string }>(scenarios: readonly T[], name: string): T {
  const scenario = scenarios.find((candidate) => candidate.name === name);
  if (!scenario) throw new RecipeError(`There is no scenario named "${name}".`);
  return scenario;
}
