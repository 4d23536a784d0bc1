import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { annotate } from '../../src/contract/claim-meanings.ts';
import { stringClaim } from '../../src/contract/claims.ts';
import { CloudName } from '../../src/contract/clouds.ts';
import type { DecodedToken } from '../../src/contract/evidence.ts';
import { ENTRA_ACCESS_TOKENS, TOKEN_KINDS, type TokenKindName, tokenKindOf } from '../../src/contract/token-kind.ts';
import { profileOf } from '../../src/contract/token-profile.ts';
import { trustedIssuer } from '../../src/trust/families.ts';

/** A token as its makers' documents, samples and tests print it, with invented values. */
interface Shape extends DecodedToken {
  family: TokenKindName;
  name: string;
  source: string;
}

const shapes: Shape[] = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/token-shapes.json'), 'utf8'));
const NOW = new Date('2026-11-20T10:00:00Z');

const kindIn = ({ header, claims }: DecodedToken, cloud: CloudName) => {
  const issuer = trustedIssuer(stringClaim(claims, 'iss') ?? '', cloud, []);
  return tokenKindOf({ header, claims }, issuer?.family ?? 'unknown');
};
const kindOf = (token: DecodedToken) => kindIn(token, 'public');

const rows = shapes.map((shape) => [`${shape.family}: ${shape.name}`, shape] as const);

describe('published token shapes', () => {
  it.each(TOKEN_KINDS.filter((kind) => kind !== 'unknown'))('%s is published often enough', (kind) => {
    const enough = kind === 'servicenow-token' ? 2 : 3;
    expect(shapes.filter(({ family }) => family === kind).length).toBeGreaterThanOrEqual(enough);
  });

  it('are told apart by name, and tell where they are from', () => {
    expect(new Set(rows.map(([name]) => name)).size).toBe(shapes.length);
    expect(shapes.filter(({ source }) => source.length < 10)).toEqual([]);
  });

  it.each(rows)('%s is recognised, whatever the cloud', (_name, shape) => {
    for (const cloud of CloudName.options) expect([cloud, kindIn(shape, cloud).kind]).toEqual([cloud, shape.family]);
  });

  it.each(rows)('%s has a meaning for most of its members', (_name, shape) => {
    const members = Object.keys(shape.header).length + Object.keys(shape.claims).length;
    expect(annotate(shape).length / members).toBeGreaterThan(0.5);
  });

  it.each(rows)('%s has a profile', (_name, shape) => {
    const profile = profileOf(shape, kindOf(shape), NOW);
    expect(profile.access !== undefined).toBe(ENTRA_ACCESS_TOKENS.includes(shape.family));
    expect(profile.subject).toBe(stringClaim(shape.claims, 'sub'));
  });
});
