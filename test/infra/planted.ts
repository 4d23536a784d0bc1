import { expect } from 'vitest';
import { filesOf } from './bicep.ts';

const files = filesOf('infra');

/** The files with one text in place of another, which must be there. */
export function planted(file: string, text: string | RegExp, other: string): Record<string, string> {
  const old = files[file] ?? '';
  const changed = old.replace(text, other);
  expect(changed, `${file} has ${text}`).not.toBe(old);
  return { ...files, [file]: changed };
}
