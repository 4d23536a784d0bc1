import { describe, expect, it } from 'vitest';
import { principalMissing } from '../../src/checks/principal-missing.ts';
import { targetOf } from '../../src/contract/target.ts';
import { tokenWith } from './builders.ts';

const TENANT = '0a1b2c3d-1111-4222-8333-444455556666';
const iss = `https://sts.windows.net/${TENANT}/`;
const oid = 'd1d2d3d4-1111-4222-8333-444455556666';

describe('principal-missing', () => {
  it.each<[string, object, string, string]>([
    ['oid', { oid }, 'pass', 'pass'],
    ['upn and oid', { upn: 'user@sandbox.invalid', oid }, 'pass', 'pass'],
    ['upn alone', { upn: 'user@sandbox.invalid' }, 'pass', 'fail'],
    ['upn that is no text: AKS looks no further', { upn: 5, oid }, 'fail', 'pass'],
    ['an empty upn', { upn: '', oid }, 'fail', 'pass'],
    ['puid alone', { puid: '10032000' }, 'fail', 'pass'],
    ['altsecid alone', { altsecid: '1:live.com:0003' }, 'fail', 'pass'],
    ['sub alone', { sub: oid }, 'fail', 'fail'],
    ['appid alone', { appid: oid }, 'fail', 'fail'],
    ['an empty oid', { oid: '' }, 'fail', 'fail'],
    ['an oid that is a number', { oid: 7 }, 'fail', 'fail'],
    ['nothing', {}, 'fail', 'fail'],
  ])('%s', (_name, claims, aks, arm) => {
    const token = tokenWith({ iss, ...claims });
    expect(principalMissing.run({ token, target: targetOf('aks-api-server', 'public') }).outcome).toBe(aks);
    expect(principalMissing.run({ token, target: targetOf('arm', 'public') }).outcome).toBe(arm);
  });

  it('leaves a foreign issuer to the configuration of the target', () => {
    const token = tokenWith({ iss: 'https://idp.example/' });
    expect(principalMissing.run({ token, target: targetOf('aks-api-server', 'public') }).outcome).toBe('unknown');
  });
});
