import { describe, expect, it } from 'vitest';
import { ReplyText } from './reply.text.ts';

const collect = (pieces: string[], limit = 100) => {
  const reply = new ReplyText(limit);
  const shown = pieces.map((piece) => reply.push(piece)).concat(reply.end());
  return { text: reply.text, shown: shown.join(''), replaced: reply.replacedChars };
};

describe('ReplyText', () => {
  it('joins a pair of surrogates that arrived in two pieces', () => {
    expect(collect(['a\uD83D', '\uDE00b'])).toEqual({ text: 'a😀b', shown: 'a😀b', replaced: 0 });
  });

  it('takes NUL out, replaces lone surrogates and counts both', () => {
    expect(collect(['a\0b', '\uDE00', 'c\uD83D'])).toEqual({ text: 'ab\uFFFDc\uFFFD', shown: 'ab\uFFFDc\uFFFD', replaced: 3 });
    expect(collect(['\uD83D', '\uD83D', '\uDE00'])).toMatchObject({ text: '\uFFFD😀', replaced: 1 });
  });

  it('ends a reply without end', () => {
    expect(() => collect(['x'.repeat(60), 'x'.repeat(60)])).toThrow('longer than 100 characters');
  });
});
