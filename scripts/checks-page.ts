import { tokenQuestion } from '../src/checks/index.ts';

/** docs/checks.md: the catalogue as people read it, in fix order. */
export function checksPage(): string {
  const targets = Object.keys(tokenQuestion.deciding) as (keyof typeof tokenQuestion.deciding)[];
  const decides = (id: string) => {
    const names = targets.filter((target) => tokenQuestion.deciding[target].includes(id));
    return names.length === targets.length ? ['every target'] : names.map((target) => `\`${target}\``);
  };
  const sections = tokenQuestion.checks.map(({ id, title, severity, needs, behind, remediation, reference }) =>
    [
      `## ${id}`,
      '',
      `${title}.`,
      '',
      `- Severity: ${severity}`,
      `- Decides for: ${decides(id).join(', ') || 'nothing, it informs'}`,
      `- Looks at: ${needs.map((name) => `\`${name}\``).join(', ')}`,
      ...(behind.length > 0
        ? [`- Not judged when one of these fails: ${behind.map((other) => `[${other}](#${other})`).join(', ')}`]
        : []),
      `- Remedy: ${remediation}`,
      `- Rule: <${reference}>`,
      '',
    ].join('\n'),
  );
  return [
    '# Checks',
    '',
    'Generated from `src/checks/` by `npm run docs`. In fix order: of two broken links, the one further up is the root cause.',
    'Ids are public: never renamed, never reused.',
    '',
    ...sections,
  ].join('\n');
}
