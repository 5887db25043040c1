const BYTES = 4;

/** A vector as events keep it: little-endian 32-bit floats in base64. Null for one without a direction, which has no cosine. */
export function encodeVector(vector: readonly number[]): string | null {
  if (!vector.some((value) => Math.fround(value) !== 0)) return null;
  const bytes = Buffer.alloc(vector.length * BYTES);
  vector.forEach((value, at) => bytes.writeFloatLE(value, at * BYTES));
  return bytes.toString('base64');
}

/** The same as the literal of a Postgres array, e.g. `{0.5,-0.25}`; nine digits tell every 32-bit float apart. */
export function vectorLiteral(encoded: string): string {
  const bytes = Buffer.from(encoded, 'base64');
  const values = Array.from({ length: Math.floor(bytes.length / BYTES) }, (_, at) => Number(bytes.readFloatLE(at * BYTES).toPrecision(9)));
  return `{${values.join(',')}}`;
}
