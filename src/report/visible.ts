/** Parts between spaces. What stands between backticks stays whole: it may be a command. */
export const words = (sentence: string): string[] => sentence.match(/(?:`[^`]*`|[^ ])+/g) ?? [];

/** A value or sentence as it is to be read: also the spaces that would be overlooked are spelt out. */
export const shown = (value: string): string => visible(value).replace(/^ | $|(?<= ) /g, '\\u{20}');

/**
 * What cannot be seen, what shows another value than the one there, and what steers a terminal: control characters, bidirectional
 * ones, all white space but the space, blanks, lone surrogates. Then the backslash of what would read as one of our escapes.
 * Last what a pipeline takes from its log as a command: `##vso[` and `##[` anywhere in a line, `::` at its beginning.
 */
const SPELT_OUT = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]|\\(?=u\{)|#(?=#)|(?<![^ ]):(?=:)/gu;

/** Spells such characters out as `\u{…}`; nothing else is changed, and reading the escapes gives the same text again. */
export const visible = (value: string): string =>
  value.replace(SPELT_OUT, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`);

/** Stands for a value without any character. */
export const EMPTY = '(empty)';
