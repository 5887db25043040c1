import { pipeline, Transform } from 'node:stream';
import type { BackendAnswer, Served } from './backend.ts';

/** An answer that came to its end. */
export interface KeptAnswer {
  readonly contentType: string;
  readonly text: string;
  readonly served: Served | null;
}

/** Longer ones are not kept, in bytes. */
const LONGEST = 4 * 1024 * 1024;

/** Hands an answer on as it comes; `keep` gets it when it was a good one and is complete. */
export function keepingAnswer(answer: BackendAnswer, keep: (kept: KeptAnswer) => void): BackendAnswer {
  if (answer.status !== 200) return answer;
  const about = { contentType: answer.headers['content-type'] ?? 'application/json', served: answer.served ?? null };
  if (typeof answer.body === 'string') {
    if (answer.body.length <= LONGEST) keep({ ...about, text: answer.body });
    return answer;
  }
  const parts: Buffer[] = [];
  let bytes = 0;
  const tee = new Transform({
    transform(part: Buffer, _encoding, done) {
      bytes += part.length;
      if (bytes <= LONGEST) parts.push(part);
      done(null, part);
    },
    flush(done) {
      const text = bytes <= LONGEST ? Buffer.concat(parts).toString('utf8') : '';
      // A stream that broke off, or ended with an error, has no such end.
      if (text.trimEnd().endsWith('data: [DONE]')) keep({ ...about, text });
      done();
    },
  });
  // An error of the source ends the copy with it: nothing is to be done about it here.
  pipeline(answer.body, tee, () => undefined);
  return { ...answer, body: tee };
}

export const fromKept = ({ contentType, text, served }: KeptAnswer, from: 'cache' | 'recording', headers: Record<string, string> = {}): BackendAnswer => ({
  status: 200,
  headers: { 'content-type': contentType, ...headers },
  body: text,
  from,
  ...(served && { served }),
});
