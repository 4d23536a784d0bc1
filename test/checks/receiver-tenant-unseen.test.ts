import { describe, expect, it } from 'vitest';
import { receiverTenantUnseen } from '../../src/checks/receiver-tenant-unseen.ts';
import { targetOf } from '../../src/contract/target.ts';
import { TENANT, tokenWith } from './builders.ts';

describe('receiver-tenant-unseen', () => {
  it('stands outside the question', () => {
    expect(receiverTenantUnseen.severity).toBe('info');
  });

  it.each([
    ['aks-api-server', 'az aks show', 'aadProfile.tenantId'],
    ['arm', 'az account show', 'tenantId'],
  ] as const)('names the tenant and the command that shows the one of %s', (name, command, query) => {
    const { outcome, summary } = receiverTenantUnseen.run({
      token: tokenWith({ tid: TENANT }),
      target: targetOf(name, 'public'),
    });
    expect(outcome).toBe('unknown');
    expect(summary).toContain(TENANT);
    expect(summary).toContain(command);
    expect(summary).toContain(query);
  });

  it.each([undefined, null, '', 5, [TENANT]])('is unknown when `tid` is %j', (tid) => {
    const ruling = receiverTenantUnseen.run({ token: tokenWith({ tid }), target: targetOf('arm', 'public') });
    expect(ruling.outcome).toBe('unknown');
    expect(ruling.summary).not.toMatch(/undefined|null/);
  });

  it('cuts a very long tenant', () => {
    const token = tokenWith({ tid: 'x'.repeat(5_000) });
    expect(receiverTenantUnseen.run({ token, target: targetOf('arm', 'public') }).summary.length).toBeLessThan(600);
  });
});
