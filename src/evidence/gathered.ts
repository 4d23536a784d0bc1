import type { Absence, Gathered, Source } from '../contract/evidence.ts';

/** Makes evidence of one moment. */
export interface Witness {
  present<T>(source: Source, value: T): Gathered<T>;
  absent(source: Source, reason: Absence, detail: string): Gathered<never>;
}

export const witnessAt = (observedAt: Date): Witness => ({
  present: (source, value) => ({ state: 'present', value, source, observedAt }),
  absent: (source, reason, detail) => ({ state: 'absent', reason, detail, source, observedAt }),
});

/** The value of what is present. */
export const presentValue = <T>(item: Gathered<T>): T | undefined =>
  item.state === 'present' ? item.value : undefined;
