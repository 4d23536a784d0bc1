import { type Expression, tight, type Written } from './bicep.ts';

/** An expression of Bicep, however it is folded. */
export const code = (expression: string): Expression => ({ expression: tight(expression) });

export interface Demand {
  /** Letter for letter: another spelling would be another entry here. */
  type: string;
  /** Read, not deployed. */
  existing?: true;
  condition?: string;
  loop?: string;
  /** Exactly this, so that nothing is added to an object either; only a description that is left out here may be any. */
  body: { readonly [name: string]: Written };
}

export const named = (name: string) => ({ name: code(`'${name}-\${token}'`) });
/** Where all of it stands, and whose it is. */
export const PLACE = { location: code('location'), tags: code('tags') };
export const GLOBAL = { ...PLACE, location: 'global' };
