import { pipeline, Transform } from 'node:stream';
import type { BackendAnswer } from './backend.ts';
import type { Served } from './served.ts';

/** An answer that came to its end. */
export interface KeptAnswer {
  readonly contentType: string;
  readonly text: string;
  readonly served: Served | null;
}

/** Longer ones are not kept, in bytes. */
const LONGEST = 4 * 1024 * 1024;

/**
 * Hands an answer on as it comes; `ended` is told once: the answer when it was a good one and is complete, else null. An answer is
 * taken from the provider as fast as it comes, up to `LONGEST`, however slowly its caller reads.
 */
export function keepingAnswer(answer: BackendAnswer, ended: (kept: KeptAnswer | null) => void): BackendAnswer {
  // Cut because little was left of a budget: another time it may be longer.
  const cut = (text: string): boolean => answer.headers['x-max-tokens'] !== undefined && /"finish_reason":\s*"length"/.test(text);
  const about = { contentType: answer.headers['content-type'] ?? 'application/json', served: answer.served ?? null };
  if (typeof answer.body === 'string' || answer.status !== 200) {
    const text = typeof answer.body === 'string' && answer.status === 200 ? answer.body : null;
    ended(text !== null && text.length <= LONGEST && !cut(text) ? { ...about, text } : null);
    return answer;
  }
  const parts: Buffer[] = [];
  let bytes = 0;
  const tee = new Transform({
    readableHighWaterMark: LONGEST,
    transform(part: Buffer, _encoding, done) {
      bytes += part.length;
      if (bytes <= LONGEST) parts.push(part);
      done(null, part);
    },
  });
  pipeline(answer.body, tee, (error) => {
    const text = error || bytes > LONGEST ? '' : Buffer.concat(parts).toString('utf8');
    // A stream that broke off, or ended with an error, has no such end.
    ended(text.trimEnd().endsWith('data: [DONE]') && !cut(text) ? { ...about, text } : null);
  });
  return { ...answer, body: tee };
}

export const fromKept = ({ contentType, text, served }: KeptAnswer, from: 'cache' | 'recording', headers: Record<string, string> = {}): BackendAnswer => ({
  status: 200,
  headers: { 'content-type': contentType, ...headers },
  body: text,
  from,
  ...(served && { served }),
});
