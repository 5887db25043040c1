import type { Msg } from '@nats-io/transport-node';
import { headers } from '@nats-io/transport-node';
import { expect, test } from 'vitest';
import { parseDeliveryInfo, positionOf } from './delivery.ts';

/** A message as the client builds it: the payload is a view behind the headers. */
const message = (before: string, body: string, named?: string) => {
  const bytes = Buffer.from(before + body);
  const known = headers();
  if (named !== undefined) known.set('position', named);
  return { data: new Uint8Array(bytes.buffer, bytes.byteOffset + Buffer.byteLength(before), Buffer.byteLength(body)), headers: known } as unknown as Msg;
};

test.each([
  ['first', 'NATS/1.0\r\nposition: 42\r\nactor: a\r\n\r\n', 42],
  ['last', 'NATS/1.0\r\nactor: a\r\nposition: 42\r\n\r\n', 42],
  ['absent', 'NATS/1.0\r\nactor: a position: 7\r\n\r\n', 0],
  ['of the message before', 'NATS/1.0\r\nposition: 7\r\n\r\n{}\r\nHMSG x 1 9 9\r\nNATS/1.0\r\nactor: a\r\n\r\n', 0],
  ['not a number', 'NATS/1.0\r\nposition: x\r\n\r\n', 0],
  ['beyond numbers', 'NATS/1.0\r\nposition: 99999999999999999999\r\n\r\n', 0],
])('position %s', (_, before, expected) => {
  expect(positionOf(message(before, '{"position":1}'))).toBe(expected);
  expect(positionOf(message(before, ''))).toBe(expected);
});

test('asks for the headers when they do not lie before the payload', () => {
  expect(positionOf(message('', '{}', '9'))).toBe(9);
  expect(positionOf(message('MSG x 1 2\r\n', '{}', '9'))).toBe(9);
});

test.each([
  ['$JS.ACK.EVT.reader.3.120.7.1700000000000000000.55', { deliveries: 3, streamSequence: 120, pending: 55 }],
  ['$JS.ACK.hub.ACCOUNT.EVT.reader.3.120.7.1700000000000000000.55', { deliveries: 3, streamSequence: 120, pending: 55 }],
  ['$JS.ACK.hub.ACCOUNT.EVT.reader.3.120.7.1700000000000000000.55.token', { deliveries: 3, streamSequence: 120, pending: 55 }],
  ['_INBOX.abc', null],
])('%s tells about the delivery', (reply, expected) => {
  expect(parseDeliveryInfo(reply)).toEqual(expected);
});
