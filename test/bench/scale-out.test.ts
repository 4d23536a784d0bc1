import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { keyHour } from '../../bench/scale-out/key-hour.ts';
import { FETCHES_HEAD, KEYS_HEAD, keyRows, LIMITS_HEAD, limitsRow, table } from '../../bench/scale-out/tables.ts';

const page = readFileSync('docs/operate.md', 'utf8');

it('docs/operate.md tells what ten instances did in the played hour, of twenty tenants', async () => {
  expect(page).toContain(table(FETCHES_HEAD, []));
  expect(page).toContain(table(KEYS_HEAD, []));
  const { fetches, keys } = await keyRows(10, 20);
  expect(page).toContain(`\n${fetches}\n`);
  expect(page).toContain(`\n${keys}\n`);
});

it('docs/operate.md tells what ten instances let through', async () => {
  expect(page).toContain(table(LIMITS_HEAD, []));
  expect(page).toContain(`\n${await limitsRow(10)}\n`);
});

it('the played hour is the same each time, and snapshots leave no token of the outage undecided', async () => {
  const [once, again] = [await keyHour(3, 2, true), await keyHour(3, 2, true)];
  expect(again).toEqual(once);
  expect(once).toMatchObject({ newKeyRefused: 0, undecided: 0 });
  expect((await keyHour(3, 2, false)).undecided).toBeGreaterThan(0);
});
