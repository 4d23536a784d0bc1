import { buildBundle } from '../scripts/build.ts';

/** Tests serve the built entry, so it is built before any of them. */
export async function setup(): Promise<void> {
  await buildBundle();
}
