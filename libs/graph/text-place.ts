/** Where and why a text can't be read; line and column count from 1. */
export interface TextProblem {
  readonly message: string;
  readonly remedy: string;
  readonly line: number;
  readonly column: number;
}

/** Line and column, from 1, of an offset in a text. */
export function placeIn(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}
