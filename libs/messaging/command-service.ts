import type { KeyObject } from 'node:crypto';
import { headers, type Msg, type NatsConnection } from '@nats-io/transport-node';
import type { CommandAccepted, CommandReply } from '@agent-platform/contracts/kit/reply';
import { HEADERS, parseCommandSubject, subjects } from '@agent-platform/contracts/kit/subjects';
import { Failure, toFailure, toProblem } from '@agent-platform/kernel/failure';
import { headerOf } from './command-headers.ts';
import { type IncomingCommand, readCommand, readCommandSubject, shortHeader, unknownCommand } from './command-message.ts';
import { headerValue } from './event-headers.ts';
import { announceService, SERVICE_ERROR } from './service-protocol.ts';

export type CommandHandler = (command: IncomingCommand) => Promise<CommandReply>;

export interface CommandServiceOptions {
  /** Command types and what each does, in one line for `nats micro info`, which is not told of internal ones. */
  readonly commands: Readonly<Record<string, { readonly summary: string; readonly internal?: boolean }>>;
  /** Of the platform's roles: what is signed with it is trusted. */
  readonly key?: KeyObject | undefined;
  readonly handle: CommandHandler;
  readonly version?: string;
  /** Commands handled at a time in this process; more are refused with 503, so that callers slow down. */
  readonly maxInFlight?: number;
  /** Told about faults, whose details the caller does not get. */
  readonly onFault?: (failure: Failure, command: { readonly subject: string; readonly commandId: string | undefined }) => void;
}

export interface CommandService {
  readonly inFlight: number;
  /** Takes no more, and resolves when what was taken is answered. */
  close(): Promise<void>;
}

/** Also subjects too short to be a command: they are answered with what is wrong with them. */
const EVERY_COMMAND = 'cmd.>';
const QUEUE_GROUP = 'commands';
const MAX_IN_FLIGHT = 2_000;

/**
 * Takes commands by request and reply, shared by all processes that serve them. One subscription takes whatever is
 * asked on `cmd.>`, so that a type nobody knows is answered too, instead of looking like a role that is down; discovery
 * shows one endpoint per type. Every process knows every type: they are of one release (README, "Commands by request").
 */
export function serveCommands(nc: NatsConnection, options: CommandServiceOptions): CommandService {
  const maxInFlight = options.maxInFlight ?? MAX_IN_FLIGHT;
  const running = new Set<Promise<void>>();
  // Discovery, and the answer to a wrong type, are for everybody.
  const open = Object.entries(options.commands).filter(([, { internal }]) => internal !== true);
  const endpointOf: ReadonlyMap<string, string> = new Map(open.map(([type]) => [type, type.replaceAll('.', '-')]));
  const endpoints = open.map(([type, { summary }]) => ({
    name: endpointOf.get(type) ?? type,
    subject: subjects.command('*', type),
    queueGroup: QUEUE_GROUP,
    metadata: { type, summary },
  }));
  const service = announceService(nc, {
    name: 'commands',
    version: options.version ?? '0.1.0',
    description: 'Commands: JSON in, a command reply out. Nats-Msg-Id is the command id.',
    endpoints,
  });

  const answer = async (message: Msg): Promise<CommandReply> => {
    try {
      if (running.size > maxInFlight) {
        throw new Failure('transient', 'commands-busy', `More than ${maxInFlight} commands are in work; try again shortly.`, { retryAfterSeconds: 1 });
      }
      const { type } = readCommandSubject(message.subject);
      if (!Object.hasOwn(options.commands, type)) throw unknownCommand(type, endpointOf.keys());
      return await options.handle(readCommand(message.subject, message.data, (name) => headerOf(message, name), options.key));
    } catch (error) {
      const failure = toFailure(error);
      if (failure.kind === 'fault') options.onFault?.(failure, { subject: message.subject, commandId: shortHeader(message, HEADERS.messageId) });
      const request_id = shortHeader(message, HEADERS.correlation);
      return { ok: false, problem: toProblem(failure, request_id === undefined ? {} : { request_id }) };
    }
  };
  const serve = async (message: Msg) => {
    const started = performance.now();
    const reply = await answer(message);
    const problem = reply.ok ? undefined : `${reply.problem.status} ${reply.problem.code}`;
    const endpoint = endpointOf.get(parseCommandSubject(message.subject)?.type ?? '');
    if (endpoint !== undefined) service.record(endpoint, performance.now() - started, problem);
    if (reply.ok) return void message.respond(withinLimit(reply, nc.info?.max_payload));
    const marked = headers();
    marked.set(SERVICE_ERROR.text, headerValue(reply.problem.detail));
    marked.set(SERVICE_ERROR.code, String(reply.problem.status));
    message.respond(JSON.stringify(reply), { headers: marked });
  };
  const subscription = nc.subscribe(EVERY_COMMAND, {
    queue: QUEUE_GROUP,
    callback(error, message) {
      if (error) return;
      const done: Promise<void> = serve(message)
        // Only responding can fail here: the connection is going away, and the caller gets no answer.
        .catch(() => undefined)
        .finally(() => running.delete(done));
      running.add(done);
    },
  });

  return {
    get inFlight() {
      return running.size;
    },
    async close() {
      service.stop();
      if (!nc.isClosed() && !subscription.isClosed()) await subscription.drain();
      await Promise.all(running);
    },
  };
}

/** An accepted command is answered in any case: an entity that no NATS message can hold is read over HTTP instead. */
function withinLimit(reply: CommandAccepted, bytes = 1_048_576): string {
  const text = JSON.stringify(reply);
  return text.length * 3 > bytes && Buffer.byteLength(text) > bytes ? JSON.stringify({ ...reply, entity: null } satisfies CommandAccepted) : text;
}
