import { deserializeMessage, isJSONRPCNotification, type JSONRPCMessage } from '@modelcontextprotocol/client';

/** What a server may write in one message, and in all between two messages to it. */
const MESSAGE_BYTES = 4_000_000;
const UNASKED_BYTES = 16_000_000;
/** Between two notifications: reading one costs more than writing it. */
const NOTIFICATION_MS = 2;
const NOTIFICATION = /^\{[^}]{0,60}"method" ?: ?"notifications\//;

/** Messages of a server, one a line. Throws Error, saying what it did, for one that no longer keeps to that. */
export class MessageReader {
  #rest: Buffer[] = [];
  #restBytes = 0;
  #unasked = 0;
  #notified = -Infinity;

  /** It was told something, so it may speak again. */
  asked(): void {
    this.#unasked = 0;
  }

  *read(chunk: Buffer): Generator<JSONRPCMessage> {
    this.#unasked += chunk.byteLength;
    if (this.#unasked > UNASKED_BYTES) throw new Error(`it wrote more than ${UNASKED_BYTES} bytes without being asked`);
    let from = 0;
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', from)) {
      const message = this.#message(Buffer.concat([...this.#rest, chunk.subarray(from, end)]).toString('utf8'));
      this.#rest = [];
      this.#restBytes = 0;
      from = end + 1;
      if (message) yield message;
    }
    this.#rest.push(chunk.subarray(from));
    this.#restBytes += chunk.byteLength - from;
    if (this.#restBytes > MESSAGE_BYTES) throw new Error(`it wrote a message of more than ${MESSAGE_BYTES} bytes`);
  }

  /** Null: a line of a log that came here by mistake, or a notification too many. */
  #message(line: string): JSONRPCMessage | null {
    const now = performance.now();
    if (NOTIFICATION.test(line) && now - this.#notified < NOTIFICATION_MS) return null;
    try {
      const message = deserializeMessage(line);
      if (isJSONRPCNotification(message)) this.#notified = now;
      return message;
    } catch (error) {
      if (error instanceof SyntaxError) return null;
      throw new Error('it wrote what is no message', { cause: error });
    }
  }
}
