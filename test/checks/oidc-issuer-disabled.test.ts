import { describe, expect, it } from 'vitest';
import { oidcIssuerDisabled } from '../../src/checks/oidc-issuer-disabled.ts';
import { clusterOf, ISSUER, OF_CLUSTER } from './federation-builders.ts';

const run = (oidcIssuerEnabled: boolean | undefined, oidcIssuer: string | undefined = ISSUER) =>
  oidcIssuerDisabled.run({ cluster: clusterOf({ oidcIssuerEnabled, oidcIssuer }) });
const unaddressed = (oidcIssuerEnabled: boolean | undefined) =>
  oidcIssuerDisabled.run({ cluster: clusterOf({ oidcIssuerEnabled, oidcIssuer: undefined }) });

describe('oidc-issuer-disabled', () => {
  it.each([
    ['on', run(true), 'pass'],
    ['off', unaddressed(false), 'fail'],
    ['off, with an address left over', run(false), 'fail'],
    ['on, without an address', unaddressed(true), 'unknown'],
    ['not told', unaddressed(undefined), 'unknown'],
    ['not told, with an address', run(undefined), 'unknown'],
  ])('%s', (_name, { outcome }, expected) => {
    expect(outcome).toBe(expected);
  });

  it('says how to turn it on, and workload identity with it', () => {
    expect(unaddressed(false)).toMatchObject({
      actual: 'false',
      commands: [`az aks update ${OF_CLUSTER} --enable-oidc-issuer --enable-workload-identity`],
    });
  });
});
