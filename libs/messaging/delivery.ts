import type { Msg } from '@nats-io/transport-node';
import { HEADERS } from '@agent-platform/contracts/kit/subjects';

/** Where a delivered message lies and how often it was delivered, as the server tells in its reply subject. */
export interface DeliveryInfo {
  /** Counts from 1. */
  readonly deliveries: number;
  readonly streamSequence: number;
  /** Messages of the consumer that are still to come. */
  readonly pending: number;
}

/**
 * Reads `$JS.ACK[.<domain>.<account>].<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<time>.<pending>[.<token>]`
 * (ADR-15). Null when the message did not come from a consumer.
 */
export function parseDeliveryInfo(reply: string): DeliveryInfo | null {
  const tokens = reply.split('.');
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK' || tokens.length < 9) return null;
  const at = tokens.length === 9 ? 4 : 6;
  return { deliveries: Number(tokens[at]), streamSequence: Number(tokens[at + 1]), pending: Number(tokens[at + 4]) };
}

const encode = (text: string) => Buffer.from(text, 'utf8');
const ACK = encode('+ACK');
const WORKING = encode('+WPI');

/** Answers to the server about one message (or, with ack policy "all", about all up to it). They may get lost. */
export const acknowledge = {
  ack: (message: Msg) => void message.respond(ACK),
  /** Again after a delay in milliseconds. */
  retry: (message: Msg, delayMs: number) => void message.respond(encode(`-NAK {"delay":${Math.max(1, Math.round(delayMs)) * 1_000_000}}`)),
  /** Never again; `reason` shows in the server's advisory. */
  terminate: (message: Msg, reason: string) => void message.respond(encode(`+TERM ${reason}`)),
  /** Starts the wait for an acknowledgement afresh. */
  working: (message: Msg) => void message.respond(WORKING),
} as const;

const START = Buffer.from('NATS/1.0\r\n');
const END = Buffer.from('\r\n\r\n');
const LONGEST = 4096;
const POSITION = Buffer.from(`\n${HEADERS.position}: `);
const ZERO = 0x30;

/**
 * Header bytes of a message: the client hands out the payload as a view that lies right behind them, and no header value
 * can hold a line break, so the nearest start of headers before it is theirs. Null when it is not so; then the headers
 * have to be asked for, which decodes all of them and costs more than the rest of a delivery.
 */
function headerBytes({ data }: Msg): Buffer | null {
  const from = Math.max(0, data.byteOffset - LONGEST);
  const before = Buffer.from(data.buffer, from, data.byteOffset - from);
  const end = before.length - END.length;
  if (end < 0 || before.compare(END, 0, END.length, end) !== 0) return null;
  const start = before.lastIndexOf(START);
  return start < 0 ? null : before.subarray(start);
}

/** Log position a message says it has; 0 when it says none. */
export function positionOf(message: Msg): number {
  const bytes = headerBytes(message);
  let position = 0;
  if (bytes) {
    const found = bytes.indexOf(POSITION);
    if (found < 0) return 0;
    for (let at = found + POSITION.length; at < bytes.length; at++) {
      const digit = (bytes[at] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      position = position * 10 + digit;
    }
  } else {
    position = Number(message.headers?.get(HEADERS.position) || 0);
  }
  return Number.isSafeInteger(position) && position > 0 ? position : 0;
}
