import { MAX_TOKEN_BYTES } from '../contract/compact-jws.ts';
import { defineCheck, fail, pass } from './check.ts';

export const tokenTooLarge = defineCheck({
  id: 'token-too-large',
  title: 'The token is small enough to be sent in a header',
  severity: 'error',
  needs: ['tokenForm'],
  behind: [],
  remediation: 'Send one token and nothing else; if it really is this large, reduce the groups and roles it carries.',
  reference: 'https://www.rfc-editor.org/rfc/rfc9110#section-5.4',

  run({ tokenForm }) {
    const { lengthBytes } = tokenForm;
    const sizes = { expected: `at most ${MAX_TOKEN_BYTES} bytes`, actual: `${lengthBytes} bytes` };
    return lengthBytes <= MAX_TOKEN_BYTES
      ? pass(`The token has ${lengthBytes} bytes.`)
      : fail(`The token has ${lengthBytes} bytes; it was not read.`, sizes);
  },
});
