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

/** Log position a message says it has; 0 when it says none. */
export function positionOf(message: Msg): number {
  const position = Number(message.headers?.get(HEADERS.position) || 0);
  return Number.isSafeInteger(position) && position > 0 ? position : 0;
}
