import type { Msg } from '@nats-io/transport-node';

/** JSON of a message that anybody may have sent; undefined when it is none. */
export function jsonOf(message: Pick<Msg, 'string'>): unknown {
  try {
    return JSON.parse(message.string());
  } catch {
    return undefined;
  }
}
