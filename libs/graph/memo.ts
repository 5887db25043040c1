/**
 * Remembers the results of a pure function by its text argument: the least recently used entry makes room, and texts
 * above `maxLength` are not kept, so the memory held is bounded by both numbers.
 */
export function memoized<V>(entries: number, maxLength: number, compute: (text: string) => V): (text: string) => V {
  const kept = new Map<string, V>();
  return (text) => {
    if (text.length > maxLength) return compute(text);
    const known = kept.get(text);
    const value = known ?? compute(text);
    if (known !== undefined) kept.delete(text);
    else if (kept.size >= entries) for (const oldest of kept.keys()) if (kept.delete(oldest)) break;
    kept.set(text, value);
    return value;
  };
}
