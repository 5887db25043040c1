import { expect, test } from 'vitest';
import { plainText } from './plain-text.ts';

test('line ends are one character, and a byte order mark is none', () => expect(plainText('\uFEFF# a\r\nb\rc')).toBe('# a\nb\nc'));
