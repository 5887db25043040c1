import { type KeyObject, createHmac, timingSafeEqual } from 'node:crypto';
import { HEADERS } from '@agent-platform/contracts/kit/subjects';

/** What a signature stands for: a queued command that was sent again, also from the dead letters, is still the same one. */
export interface SignedCommand {
  /** As it was first published: workspace and type are in it. */
  readonly subject: string;
  readonly data: string | Uint8Array;
  header(name: string): string | undefined;
}

/** HMAC-SHA256 over subject, command id, actor and data, each with its length before it, so that none can run into the next. */
export function commandSignature(key: KeyObject, { subject, data, header }: SignedCommand): string {
  const hmac = createHmac('sha256', key);
  for (const part of [subject, header(HEADERS.messageId) ?? '', header(HEADERS.actor) ?? '', data]) hmac.update(`${Buffer.byteLength(part)}:`).update(part);
  return hmac.digest('base64url');
}

/** Whether a role of the platform sent this command: only they have the key. */
export function isSignedCommand(key: KeyObject, command: SignedCommand): boolean {
  const given = Buffer.from(command.header(HEADERS.signature) ?? '');
  const right = Buffer.from(commandSignature(key, command));
  return given.length === right.length && timingSafeEqual(given, right);
}
