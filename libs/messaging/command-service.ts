import { headers, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { WorkspaceId } from '@agent-platform/contracts/kit/ids';
import { LIMITS } from '@agent-platform/contracts/kit/limits';
import type { CommandReply } from '@agent-platform/contracts/kit/reply';
import { HEADERS, parseCommandSubject, subjects } from '@agent-platform/contracts/kit/subjects';
import { Failure, rejectionToFailure, toFailure, toProblem } from '@agent-platform/kernel/failure';
import { parseJson } from '@agent-platform/kernel/json-text';
import { headerOf } from './command-headers.ts';
import { headerValue } from './event-headers.ts';
import { announceService, SERVICE_ERROR } from './service-protocol.ts';

/** A command as it came, read and within the limits, not yet checked against its contract. */
export interface IncomingCommand {
  readonly workspace_id: string;
  readonly type: string;
  readonly data: unknown;
  /** From `Nats-Msg-Id`; undefined when the caller gave none, and then sending it again is another command. */
  readonly commandId: string | undefined;
  header(name: string): string | undefined;
}

export type CommandHandler = (command: IncomingCommand) => Promise<CommandReply>;

export interface CommandServiceOptions {
  /** Command types and what each does, in one line for `nats micro info`. */
  readonly commands: Readonly<Record<string, { readonly summary: string }>>;
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

const QUEUE_GROUP = 'commands';
const MAX_IN_FLIGHT = 2_000;

/** Reads a command message, request or queued. Throws Failure('invalid') that names field, rule and remedy. */
export function readCommand(subject: string, data: Uint8Array, header: (name: string) => string | undefined): IncomingCommand {
  const parsed = parseCommandSubject(subject);
  const workspace = WorkspaceId.safeParse(parsed?.workspace_id);
  if (!parsed || !workspace.success) {
    throw new Failure(
      'invalid',
      'command-subject',
      `The subject ${subject} names no workspace; publish on cmd.<workspace>.<noun>.<verb>, the workspace being 1 to 40 lower-case letters, digits, "-" or "_".`,
    );
  }
  const body = parseJson(data, { bytes: LIMITS.commandBytes, depth: LIMITS.jsonDepth });
  if (!body.ok) throw rejectionToFailure(body.rejection);
  return { workspace_id: workspace.data, type: parsed.type, data: body.value, commandId: header(HEADERS.messageId), header };
}

/** Takes commands by request and reply: one endpoint per type, shared by all processes that serve it. */
export function serveCommands(nc: NatsConnection, options: CommandServiceOptions): CommandService {
  const maxInFlight = options.maxInFlight ?? MAX_IN_FLIGHT;
  const running = new Set<Promise<void>>();
  const endpoints = Object.entries(options.commands).map(([type, { summary }]) => ({
    name: type.replaceAll('.', '-'),
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
    const header = (name: string) => headerOf(message, name);
    try {
      if (running.size > maxInFlight) {
        throw new Failure('transient', 'commands-busy', `More than ${maxInFlight} commands are in work; try again shortly.`, { retryAfterSeconds: 1 });
      }
      return await options.handle(readCommand(message.subject, message.data, header));
    } catch (error) {
      const failure = toFailure(error);
      if (failure.kind === 'fault') options.onFault?.(failure, { subject: message.subject, commandId: header(HEADERS.messageId) });
      const request_id = header(HEADERS.correlation);
      return { ok: false, problem: toProblem(failure, request_id === undefined ? {} : { request_id }) };
    }
  };
  const serve = async (endpoint: string, message: Msg) => {
    const started = performance.now();
    const reply = await answer(message);
    const problem = reply.ok ? undefined : `${reply.problem.status} ${reply.problem.code}`;
    service.record(endpoint, performance.now() - started, problem);
    if (reply.ok) return void message.respond(JSON.stringify(reply));
    const marked = headers();
    marked.set(SERVICE_ERROR.text, headerValue(reply.problem.detail));
    marked.set(SERVICE_ERROR.code, String(reply.problem.status));
    message.respond(JSON.stringify(reply), { headers: marked });
  };
  const subscriptions = endpoints.map(({ name, subject }) =>
    nc.subscribe(subject, {
      queue: QUEUE_GROUP,
      callback(error, message) {
        if (error) return;
        const done: Promise<void> = serve(name, message)
          // Only responding can fail here: the connection is going away, and the caller gets no answer.
          .catch(() => undefined)
          .finally(() => running.delete(done));
        running.add(done);
      },
    }),
  );

  return {
    get inFlight() {
      return running.size;
    },
    async close() {
      service.stop();
      const open = nc.isClosed() ? [] : subscriptions.filter((subscription) => !subscription.isClosed());
      await Promise.all(open.map((subscription) => subscription.drain()));
      await Promise.all(running);
    },
  };
}
