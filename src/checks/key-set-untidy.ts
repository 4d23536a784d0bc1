import { defineCheck, fail, pass, shown } from './check.ts';

export const keySetUntidy = defineCheck({
  id: 'key-set-untidy',
  title: 'Every key of the set is named once and verifies signatures',
  severity: 'warning',
  needs: ['signingKeys'],
  behind: ['token-too-large', 'token-malformed'],
  remediation:
    'Leave out of the document what verifies no signature, and name each key once: some receivers give up at the first key that they cannot read.',
  reference: 'https://www.rfc-editor.org/rfc/rfc7517#section-5',

  run({ signingKeys: { keys, keysLeftOut } }) {
    const kids = keys.flatMap((key) => key.kid ?? []);
    const twice = kids.filter((kid, index) => kids.indexOf(kid) < index);
    const faulty = keys.filter(({ fault }) => fault !== undefined && fault !== 'secret-published');
    const flaws = [
      ...(twice.length > 0 ? [`published more than once: ${[...new Set(twice)].map(shown).join(', ')}`] : []),
      ...(kids.length < keys.length ? [`without kid: ${keys.length - kids.length}`] : []),
      ...(faulty.length > 0
        ? [`of no use: ${faulty.map(({ kid, fault }) => `${shown(kid ?? 'a key without kid')} (${fault})`).join(', ')}`]
        : []),
      ...(keysLeftOut > 0 ? [`more than are read: ${keysLeftOut}`] : []),
    ];
    return flaws.length === 0
      ? pass(`Each of the ${keys.length} keys is named once and verifies signatures.`)
      : fail('Some keys of the set are of no use, or not told apart.', { actual: flaws.join('; ') });
  },
});
