import type { KeyObject } from 'node:crypto';
import type { EventEnvelope } from '@agent-platform/contracts/kit/index';
import type { NatsConnection } from '@agent-platform/messaging/connect';
import { onRoleMessage } from '@agent-platform/messaging/role-message';

interface Source {
  readonly nats: NatsConnection;
  readonly roleKey: KeyObject;
}

/** What a command has just appended, to one of the executors that work on an area: a head start that may be lost. */
export const onHint = ({ nats, roleKey }: Source, area: string, subject: string, listener: (events: readonly EventEnvelope[]) => void): (() => void) =>
  // A role said it: it is what it appended.
  onRoleMessage(nats, roleKey, subject, (events) => listener(events as readonly EventEnvelope[]), { queue: `executor-${area}` });
