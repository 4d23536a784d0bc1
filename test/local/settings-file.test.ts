import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SETTINGS_FILE } from '../../local/settings-file.ts';
import { finished, ROOT, temporaryFolder } from './child.ts';

/** What a process in a folder with this file has in its environment afterwards, and what it is told. */
async function read(text: string | undefined, env: NodeJS.ProcessEnv = {}) {
  const cwd = temporaryFolder();
  if (text !== undefined) writeFileSync(join(cwd, SETTINGS_FILE), text);
  const script = join(ROOT, 'test/local/fixtures/read-settings.ts');
  const { output } = await finished(process.execPath, [script, 'FROM_FILE', 'FROM_BOTH'], { cwd, env });
  const { outcome, values } = JSON.parse(output) as { outcome: unknown; values: Record<string, string> };
  return { outcome, values };
}

const file = (Values: unknown) => JSON.stringify({ IsEncrypted: false, Values });

describe('the settings file', () => {
  it.each([
    ['is read', file({ FROM_FILE: 'a' }), {}, { FROM_FILE: 'a' }],
    ['gives way to the environment', file({ FROM_BOTH: 'a' }), { FROM_BOTH: 'b' }, { FROM_BOTH: 'b' }],
    ['gives way to an empty variable', file({ FROM_BOTH: 'a' }), { FROM_BOTH: '' }, { FROM_BOTH: '' }],
    ['may have no values', JSON.stringify({ IsEncrypted: false }), {}, {}],
  ])('%s', async (_case, text, env, values) => {
    expect(await read(text, env)).toEqual({ outcome: 'loaded', values });
  });

  it('may be absent', async () => {
    expect(await read(undefined)).toEqual({ outcome: 'absent', values: {} });
  });

  it.each([
    ['no JSON', '{ "Values": { "FROM_FILE": "a-secret" '],
    ['not an object', '"a-secret"'],
    ['values that are no text', file({ FROM_FILE: { 'a-secret': 1 } })],
    ['one value that is a number', file({ FROM_FILE: 'a-secret', FROM_BOTH: 5 })],
  ])('with %s is not used, and its content is not repeated', async (_case, text) => {
    const { outcome, values } = await read(text);
    expect(outcome).toEqual({ fault: expect.stringContaining(SETTINGS_FILE) });
    if (text.includes('FROM_FILE":{')) expect(JSON.stringify(outcome)).toContain('/Values/FROM_FILE: Must be text');
    expect(JSON.stringify(outcome)).not.toContain('a-secret');
    expect(values).toEqual({});
  });
});
