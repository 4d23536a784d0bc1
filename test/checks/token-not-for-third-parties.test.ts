import { describe, expect, it } from 'vitest';
import { tokenNotForThirdParties } from '../../src/checks/token-not-for-third-parties.ts';
import { tokenWith } from './builders.ts';

const GRAPH = 'https://graph.microsoft.com';
const run = (aud: unknown, header: Record<string, unknown>) =>
  tokenNotForThirdParties.run({ token: tokenWith({ aud }, header), header }).outcome;

describe('token-not-for-third-parties', () => {
  it.each<[string, unknown, Record<string, unknown>, string]>([
    ['for Graph, with a nonce', GRAPH, { nonce: 'n' }, 'fail'],
    ['for Graph by its id, with a nonce', '00000003-0000-0000-c000-000000000000', { nonce: 'n' }, 'fail'],
    ['for Graph among others, with a nonce', ['api://own', GRAPH], { nonce: 'n' }, 'fail'],
    ['for ARM, with a nonce', 'https://management.azure.com/', { nonce: 'n' }, 'fail'],
    ['for Graph, without a nonce', GRAPH, {}, 'pass'],
    ['for Graph, with a nonce that is no text', GRAPH, { nonce: 1 }, 'pass'],
    ['for an API of one’s own, with a nonce', 'api://own', { nonce: 'n' }, 'pass'],
    ['for an address like Graph’s', 'https://graph.microsoft.com.example', { nonce: 'n' }, 'pass'],
    ['without an audience', undefined, { nonce: 'n' }, 'pass'],
  ])('%s', (_name, aud, header, outcome) => {
    expect(run(aud, header)).toBe(outcome);
  });
});
