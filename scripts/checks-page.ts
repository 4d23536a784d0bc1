import type { Check } from '../src/checks/check.ts';
import { federationChecks } from '../src/checks/federation-question.ts';
import { catalogue } from '../src/checks/index.ts';
import { keyChecks } from '../src/checks/key-question.ts';
import { decidingByTarget, tokenChecks } from '../src/checks/token-question.ts';

/** docs/checks.md: the catalogue as people read it. */
export function checksPage(): string {
  const targets = Object.keys(decidingByTarget) as (keyof typeof decidingByTarget)[];
  const ofTokens = (id: string) => {
    const names = targets.filter((target) => decidingByTarget[target].includes(id));
    return names.length === targets.length ? ['a token at every target'] : names.map((target) => `\`${target}\``);
  };
  const decides = ({ id, severity }: Check) => [
    ...ofTokens(id),
    ...(severity === 'error' && keyChecks.some((check) => check.id === id) ? ['a key'] : []),
    ...(severity === 'error' && federationChecks.some((check) => check.id === id) ? ['an exchange'] : []),
  ];
  const sections = catalogue.map((check) => {
    const { id, title, severity, needs, behind, remediation, reference } = check;
    return [
      `## ${id}`,
      '',
      `${title}.`,
      '',
      `- Severity: ${severity}`,
      `- Decides for: ${decides(check).join(', ') || 'nothing, it informs'}`,
      `- Looks at: ${needs.map((name) => `\`${name}\``).join(', ')}`,
      ...(behind.length > 0
        ? [`- Not judged when one of these fails: ${behind.map((other) => `[${other}](#${other})`).join(', ')}`]
        : []),
      `- Remedy: ${remediation}`,
      `- Rule: <${reference}>`,
      '',
    ].join('\n');
  });
  return [
    '# Checks',
    '',
    'Generated from `src/checks/` by `npm run docs`. Ids are public: never renamed, never reused.',
    '',
    'In fix order: of two broken links, the earlier one is the root cause.',
    '',
    `- Would this target accept this token? ${inOrder(tokenChecks)}`,
    `- Is this key published, and would its receiver find it? ${inOrder(keyChecks)}`,
    `- Would Entra exchange this token for this identity? ${inOrder(federationChecks)}`,
    '',
    ...sections,
  ].join('\n');
}

const inOrder = (checks: readonly Check[]): string => checks.map(({ id }) => `[${id}](#${id})`).join(', ');
