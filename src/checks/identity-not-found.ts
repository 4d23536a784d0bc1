import { defineCheck, fail, pass, shown, unknown } from './check.ts';

export const identityNotFound = defineCheck({
  id: 'identity-not-found',
  title: 'The identity exists',
  severity: 'error',
  needs: ['identityLookup'],
  behind: [],
  remediation:
    'Use the client id of an identity that is there: `az identity list --query "[].{name:name, clientId:clientId}" -o table`, of an application registration `az ad app list --show-mine --query "[].{name:displayName, appId:appId}" -o table`.',
  reference: 'https://learn.microsoft.com/entra/identity-platform/reference-error-codes',

  run({ identityLookup: { named, found, where, settled } }) {
    if (found) return pass(`The identity ${shown(named)} was found.`);
    const seen = { actual: shown(named) };
    return settled
      ? fail(`No identity is called ${shown(named)} in ${where}.`, seen)
      : unknown(`No identity is called ${shown(named)} in ${where}. It may be out of sight.`, seen);
  },
});
