import { isDeepStrictEqual } from 'node:util';

/** Of the wanted fields, those that are given and differ from what is there; empty: already so. */
export function changes<T extends object>(before: T, wanted: { readonly [K in keyof T]?: T[K] | undefined }): Partial<T> {
  const changed: Partial<T> = {};
  for (const key of Object.keys(wanted) as (keyof T)[]) {
    const value = wanted[key];
    if (value !== undefined && !isDeepStrictEqual(value, before[key])) changed[key] = value;
  }
  return changed;
}

/** The fields that have a value: a row change must not name a column without one. */
export const given = <T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> };
