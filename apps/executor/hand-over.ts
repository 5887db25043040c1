import type { KeyObject } from 'node:crypto';
import { type EventEnvelope, pokes } from '@agent-platform/contracts/kit/index';
import type { NatsConnection } from '@agent-platform/messaging/connect';
import { onRoleMessage, roleMessage } from '@agent-platform/messaging/role-message';
import type { Triggered } from '@agent-platform/runtime/execute';

const PATIENCE_MS = 2_000;

export interface HandOver {
  /** Gives a trigger to the executor that holds the lease; false when it does not say that it is done. */
  ask(owner: number, area: string, event: EventEnvelope): Promise<boolean>;
  close(): void;
}

/** Triggers between executors: whoever gets one for a run that another works on, hands it over. A hint that may be lost. */
export function createHandOver(
  { nats, roleKey }: { readonly nats: NatsConnection; readonly roleKey: KeyObject },
  owner: number,
  trigger: (area: string, event: EventEnvelope) => Promise<Triggered>,
): HandOver {
  const close = onRoleMessage(nats, roleKey, pokes.executor(owner, '*'), (event, message) => {
    const area = message.subject.slice(message.subject.lastIndexOf('.') + 1);
    trigger(area, event as EventEnvelope).then(
      (result) => message.respond(JSON.stringify({ done: result.done })),
      () => message.respond(JSON.stringify({ done: false })),
    );
  });
  return {
    async ask(holder, area, event) {
      // Our own lease of an earlier time: nobody to ask.
      if (holder === owner) return false;
      try {
        const subject = pokes.executor(holder, area);
        const answer = await nats.request(subject, roleMessage(roleKey, subject, event), { timeout: PATIENCE_MS });
        return (JSON.parse(answer.string()) as { done?: boolean }).done === true;
      } catch {
        return false;
      }
    },
    close,
  };
}
