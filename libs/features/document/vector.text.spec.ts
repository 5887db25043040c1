import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeVector, vectorLiteral } from './vector.text.ts';

test('every 32-bit float comes back as it was', () =>
  fc.assert(
    fc.property(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }), (vector) => {
      const encoded = encodeVector(vector);
      if (encoded === null) return expect(vector.every((value) => value === 0)).toBe(true);
      const back = JSON.parse(`[${vectorLiteral(encoded).slice(1, -1)}]`) as number[];
      expect(back.map((value) => Math.fround(value) + 0)).toEqual(vector.map((value) => value + 0));
    }),
  ));
