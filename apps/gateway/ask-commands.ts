import type { KeyObject } from 'node:crypto';
import { Failure } from '@agent-platform/kernel/index';
import type { NatsConnection } from '@agent-platform/messaging/connect';
import { requestCommand } from '@agent-platform/messaging/request-command';
import { crashPoint } from '@agent-platform/runtime/crash-point';
import { backoffMs, pause } from '@agent-platform/runtime/patience';
import type { Gateway } from './gateway.ts';
import { failureOf } from './problem-reply.ts';

const ANSWER_MS = 8_000;
/** How long a command is asked again for, by what went wrong: a restart takes a second or two, a silent role may have it in hand. */
const PATIENCE_MS: ReadonlyMap<string, number> = new Map([
  ['commands-unavailable', 3_000],
  ['nats-unreachable', 3_000],
  ['command-timeout', 12_000],
]);

/**
 * Asks the commands role over NATS. A command has an id, so it may be asked again: a commands role that dies or restarts
 * with the command in hand costs the caller time, not the command.
 */
export const createAskCommands =
  (nats: NatsConnection, key: KeyObject): Gateway['command'] =>
  async (type, data, { workspace_id, command_id, cause }) => {
    const began = performance.now();
    for (let attempt = 2; ; attempt++) {
      try {
        crashPoint('gateway.before-command');
        const reply = await requestCommand(nats, workspace_id, type, data, { commandId: command_id, cause, timeoutMs: ANSWER_MS, key });
        crashPoint('gateway.after-command');
        if (reply.ok) return reply;
        throw failureOf(reply.problem);
      } catch (error) {
        if (!(error instanceof Failure) || performance.now() - began > (PATIENCE_MS.get(error.code) ?? 0)) throw error;
        await pause(backoffMs(attempt));
      }
    }
  };
