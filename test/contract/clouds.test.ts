import { describe, expect, it } from 'vitest';
import { entraIssuer } from '../../src/contract/clouds.ts';
import { resourceOf } from '../../src/contract/resources.ts';

const tenant = '0a1b2c3d-1111-4222-8333-444455556666';

describe('entraIssuer', () => {
  it.each([
    ['v1', `https://sts.windows.net/${tenant}/`, { version: '1.0', tenant, clouds: ['public', 'usgovernment'] }],
    ['v1 of China', `https://sts.chinacloudapi.cn/${tenant}/`, { version: '1.0', tenant, clouds: ['china'] }],
    ['v2', `https://login.microsoftonline.com/${tenant}/v2.0`, { version: '2.0', tenant, clouds: ['public'] }],
    [
      'v2 of US Government',
      `https://login.microsoftonline.us/${tenant}/v2.0`,
      { version: '2.0', tenant, clouds: ['usgovernment'] },
    ],
    [
      'v2 of China',
      `https://login.partner.microsoftonline.cn/${tenant}/v2.0`,
      { version: '2.0', tenant, clouds: ['china'] },
    ],
    ['v1 without slash', `https://sts.windows.net/${tenant}`, undefined],
    ['v2 with slash', `https://login.microsoftonline.com/${tenant}/v2.0/`, undefined],
    ['a tenant name', 'https://sts.windows.net/contoso.example/', undefined],
    ['common', 'https://login.microsoftonline.com/common/v2.0', undefined],
    ['the template', 'https://login.microsoftonline.com/{tenantid}/v2.0', undefined],
    ['http', `http://sts.windows.net/${tenant}/`, undefined],
    ['another host in front', `https://evil.example/${tenant}/`, undefined],
    ['a longer host', `https://sts.windows.net.evil.example/${tenant}/`, undefined],
    ['user information', `https://sts.windows.net@evil.example/${tenant}/`, undefined],
    ['a port', `https://sts.windows.net:443/${tenant}/`, undefined],
    ['letter case of the host', `https://STS.windows.net/${tenant}/`, undefined],
    ['a tenant in upper case', `https://sts.windows.net/${tenant.toUpperCase().replace('0A1B', 'AAAA')}/`, undefined],
    ['a line break behind', `https://sts.windows.net/${tenant}/\n`, undefined],
    ['an alias of the authority', `https://login.windows.net/${tenant}/v2.0`, undefined],
  ])('%s', (_name, issuer, expected) => {
    expect(entraIssuer(issuer)).toEqual(expected);
  });
});

describe('resourceOf', () => {
  it.each([
    ['https://management.azure.com/', 'Azure Resource Manager'],
    ['https://management.azure.com', 'Azure Resource Manager'],
    ['797f4846-ba00-4fd7-ba43-dac1f8f63013', 'Azure Resource Manager'],
    ['00000003-0000-0000-c000-000000000000', 'Microsoft Graph'],
    ['spn:6dae42f8-4368-4678-94ff-3960e28e3630', 'the AKS API server'],
    ['https://management.azure.com.evil.example/', undefined],
    ['', undefined],
  ])('%s', (audience, name) => {
    expect(resourceOf(audience)?.name).toBe(name);
  });
});
