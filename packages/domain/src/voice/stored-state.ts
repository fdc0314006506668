import type { MergeState, Stamp } from './merge-call.ts';

/** A {@link MergeState} as it is kept: most fields of a call have the same few stamps, which stand there once. */
export interface StoredState extends Omit<MergeState, 'stamps' | 'extra'> {
  told: Stamp[];
  /** Field to the position of its stamp in `told`. */
  stamps: Record<string, number>;
  /** As `stamps`, by JSON Pointer. */
  extra: Record<string, number>;
}

/** The same state in the same form, in whatever order its events came. */
export function storeState({ stamps, extra, ...rest }: MergeState): StoredState {
  const all = [...Object.values(stamps), ...Object.values(extra)].map(
    (stamp) => [keyOf(stamp), stamp] as const,
  );
  const told = [...new Map(all)].sort(([left], [right]) => (left < right ? -1 : 1));
  const positions = new Map(told.map(([key], position) => [key, position]));
  const positionOf = (stamp: Stamp) => positions.get(keyOf(stamp)) ?? -1;
  return {
    ...rest,
    stamps: mapped(stamps, positionOf),
    extra: mapped(extra, positionOf),
    told: told.map(([, stamp]) => stamp),
  };
}

function keyOf(stamp: Stamp): string {
  return stamp.join('\n');
}

/** @param stored by {@link storeState}, or by releases that kept each field's stamp beside it */
export function restoreState(stored: StoredState | MergeState): MergeState {
  if (!('told' in stored)) return stored;
  const { told, stamps, extra, ...rest } = stored;
  const stampAt = (position: number): Stamp => {
    const stamp = told[position];
    if (!stamp) throw new Error(`a call's state has no stamp ${position}`);
    return stamp;
  };
  return { ...rest, stamps: mapped(stamps, stampAt), extra: mapped(extra, stampAt) };
}

function mapped<From, To>(
  values: Readonly<Record<string, From | undefined>>,
  map: (value: From) => To,
): Record<string, To> {
  const told = Object.entries(values).filter((entry): entry is [string, From] => entry[1] !== undefined);
  return Object.fromEntries(told.map(([name, value]) => [name, map(value)]));
}
