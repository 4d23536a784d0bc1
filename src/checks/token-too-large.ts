import { defineCheck, fail, pass } from './check.ts';

/** Common limit of request headers at gateways and API servers. */
const LARGEST_BYTES = 16 * 1024;

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
    const sizes = { expected: `at most ${LARGEST_BYTES} bytes`, actual: `${lengthBytes} bytes` };
    return lengthBytes <= LARGEST_BYTES
      ? pass(`The token has ${lengthBytes} bytes.`)
      : fail(`The token has ${lengthBytes} bytes; it was not read.`, sizes);
  },
});
