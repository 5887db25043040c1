import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson, storableJson, storableText } from './json-text.ts';

const limits = { bytes: 1000, depth: 4 };
const code = (text: string | Uint8Array) => {
  const result = parseJson(text, limits);
  return result.ok ? 'ok' : result.rejection.code;
};
const field = (text: string) => {
  const result = parseJson(text, limits);
  return result.ok ? null : result.rejection.errors?.[0]?.field;
};

test.each([
  ['{"a":[1,2.5,-3e2,"x",true,null]}', 'ok'],
  ['"text"', 'ok'],
  ['{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}', 'ok'],
  ['{"a":"} \\" , { \\\\"}', 'ok'],
  ['9007199254740991', 'ok'],
  ['0.1', 'ok'],
  ['[[[[1]]]]', 'ok'],
  ['[[[[[1]]]]]', 'json-too-deep'],
  ['['.repeat(900), 'json-too-deep'],
  ['"' + 'x'.repeat(1000) + '"', 'json-too-large'],
  ['{"a":1,"a":2}', 'json-duplicate-key'],
  ['{"a":1,"\\u0061":2}', 'json-duplicate-key'],
  ['{"__proto__":{}}', 'json-forbidden-key'],
  ['9007199254740993', 'json-number'],
  ['-9007199254740993', 'json-number'],
  ['1e999', 'json-number'],
  ['1e20', 'json-number'],
  ['"a\\u0000b"', 'json-text'],
  ['"\\ud800"', 'json-text'],
  ['"\\ud83d\\ude00"', 'ok'],
  ['{"\\ud800":1}', 'json-text'],
  ['', 'json-malformed'],
  ['{', 'json-malformed'],
  ['{"a":1} x', 'json-malformed'],
  ['"open', 'json-malformed'],
  ['{"a":"\\x"}', 'json-malformed'],
  ['1-2', 'json-malformed'],
])('%.40s is %s', (text, expected) => {
  expect(code(text)).toBe(expected);
  expect(code(Buffer.from(text))).toBe(expected);
});

test('bytes that are not UTF-8 are refused', () => {
  expect(code(Uint8Array.of(0x22, 0xff, 0x22))).toBe('json-malformed');
});

test('the refusal names the field as a JSON pointer, the rule and the remedy', () => {
  expect(field('{"a":{"b/c":[0,{"d":1,"d":2}]}}')).toBe('/a/b~1c/1/d');
  expect(field('{"a":[1,2,12345678901234567890]}')).toBe('/a/2');
  const result = parseJson('{"n":9007199254740993}', limits);
  expect(result).toMatchObject({ rejection: { rejected: 'invalid', message: 'The JSON at /n is a number that would lose digits; send it as a string.' } });
});

test('what it accepts, it reads as JSON.parse does; what JSON.stringify writes, it accepts', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
      const text = JSON.stringify(value);
      const result = parseJson(text, { bytes: 1e6, depth: 10 });
      if (result.ok) expect(result.value).toEqual(JSON.parse(text));
      else expect(['json-number', 'json-text', 'json-forbidden-key']).toContain(result.rejection.code);
    }),
  );
});

test('any text gives an answer', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0ad1e-. '.split('')) }), (text) => {
      const result = parseJson(text, limits);
      if (result.ok) expect(result.value).toEqual(JSON.parse(text));
    }),
  );
});

test('storable text has no NUL and only whole characters', () => {
  expect(storableText('a\u0000b\ud800c')).toBe('a\ufffdb\ufffdc');
  expect(storableJson({ 'k\u0000': ['\udc00', 1, null] })).toEqual({ 'k\ufffd': ['\ufffd', 1, null] });
});
