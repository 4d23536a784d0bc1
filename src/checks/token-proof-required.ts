import { defineCheck, fail, pass, shown, UNREADABLE } from './check.ts';

export const tokenProofRequired = defineCheck({
  id: 'token-proof-required',
  title: 'The token may be used by whoever bears it',
  severity: 'error',
  needs: ['token', 'target'],
  behind: [...UNREADABLE, 'token-kind-not-accepted'],
  remediation:
    'Request a bearer token: proof-of-possession (kubelogin `--pop-enabled`) is for Azure Arc-enabled clusters.',
  reference: 'https://www.rfc-editor.org/rfc/rfc7800#section-3.1',

  run({ token: { claims }, target }) {
    if (claims.cnf === undefined) return pass('The token is bound to no key.');
    return fail(`The token is bound to a key (\`cnf\`), and ${target.title} was sent no proof of it.`, {
      expected: 'no `cnf`',
      actual: shown(claims.cnf),
    });
  },
});
