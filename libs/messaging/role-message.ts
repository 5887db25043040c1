import { type KeyObject, createHmac, timingSafeEqual } from 'node:crypto';
import type { Msg, NatsConnection, Payload } from '@nats-io/transport-node';

/** Characters of an HMAC-SHA256 in base64url. */
const SIGNATURE = 43;

const signatureOf = (key: KeyObject, subject: string, text: string): string =>
  createHmac('sha256', key)
    .update(`${Buffer.byteLength(subject)}:${subject}`)
    .update(text)
    .digest('base64url');

/** What a role tells others over core NATS: the data as JSON, and before it the proof that a role said it, about this subject. */
export function roleMessage(key: KeyObject, subject: string, data: unknown): Payload {
  const text = JSON.stringify(data);
  return signatureOf(key, subject, text) + text;
}

/**
 * Hears what roles say. What anybody else says is as if it had not been said: it must neither be believed nor, being
 * no JSON, end the connection, which is what the client does when a listener throws.
 *
 * @param queue shared by the processes of which one is to hear each message
 */
export function onRoleMessage(
  nc: NatsConnection,
  key: KeyObject,
  subject: string,
  listener: (data: unknown, message: Msg) => void,
  { queue }: { readonly queue?: string } = {},
): () => void {
  const subscription = nc.subscribe(subject, {
    ...(queue !== undefined && { queue }),
    callback(error, message) {
      if (error) return;
      const whole = message.string();
      const given = Buffer.from(whole.slice(0, SIGNATURE));
      const text = whole.slice(SIGNATURE);
      const right = Buffer.from(signatureOf(key, message.subject, text));
      if (given.length === right.length && timingSafeEqual(given, right)) listener(JSON.parse(text), message);
    },
  });
  return () => subscription.unsubscribe();
}
