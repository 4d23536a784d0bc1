import type { Example, Route } from '../src/functions/endpoint.ts';
import type { ExampleAnswers } from '../src/functions/openapi-document.ts';

/** What differs from call to call, as every example shows it. */
const SHOWN_ID = '00000000-0000-4000-8000-000000000000';
const SHOWN_TIME = '2026-11-20T10:00:00.000Z';
const HOUR_MS = 3_600_000;
const VARYING: Readonly<Record<string, unknown>> = {
  requestId: SHOWN_ID,
  observedAt: SHOWN_TIME,
  fetchedAt: SHOWN_TIME,
  nextRefreshAt: SHOWN_TIME,
  ageSeconds: 0,
};

/** Sends the examples of all routes to the server at `base`, which has a sandbox, and keeps what it answers. */
export async function exampleAnswers(base: string, routes: readonly Route[]): Promise<ExampleAnswers> {
  const answers: Record<string, Record<string, { status: number; body: unknown }>> = {};
  for (const route of routes) {
    const { examples } = await route.load();
    if (examples.length === 0) continue;
    const ofRoute: Record<string, { status: number; body: unknown }> = {};
    // One after the other: what one has fetched, the next finds.
    for (const example of examples) ofRoute[example.name] = await answerTo(base, route, example);
    answers[route.name] = ofRoute;
  }
  return answers;
}

async function answerTo(base: string, { path, method }: Route, { query = {}, body }: Example) {
  const response = await fetch(`${base}/${path}?${new URLSearchParams(query)}`, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  return { status: response.status, body: steady(await response.json()) };
}

function steady(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(steady);
  if (typeof value === 'string') return steadyText(value);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, name in VARYING ? VARYING[name] : steady(item)]),
  );
}

/** A `kid` of the keys that are made at the start: a SHA-1 in base64url. */
const KID = /^(?!Example)[\w-]{27}$/;

/** Times of now, how long ago keys were read, and names of keys that are made anew each time. */
const steadyText = (text: string): string =>
  text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (time) =>
      Math.abs(Date.parse(time) - Date.now()) < HOUR_MS ? SHOWN_TIME : time,
    )
    .replace(KID, 'ExampleKey1TokenDoctor0Ex1m')
    .replace(/\b(?:just now|\d+ s ago)\b/g, 'just now');
