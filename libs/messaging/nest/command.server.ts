import { Server } from '@nestjs/microservices';
import type { NatsConnection } from '@nats-io/transport-node';
import { CommandReply } from '@agent-platform/contracts/kit/reply';
import { Failure } from '@agent-platform/kernel/failure';
import { consumeCommandQueue, queuedCommands } from '../command-queue.ts';
import { type IncomingCommand, internalCommand, unknownCommand } from '../command-message.ts';
import { type CommandService, type CommandServiceOptions, serveCommands } from '../command-service.ts';
import type { WorkConsumer } from '../work-consumer.ts';
import { CommandContext } from './delivery.context.ts';
import { handlerResult } from './handler-result.ts';

/** Second argument of `MessagePattern` for handlers of this transport, in an app that has others too. */
export const COMMANDS = Symbol('commands');

export interface CommandServerOptions extends Pick<CommandServiceOptions, 'version' | 'maxInFlight' | 'onFault' | 'key'> {
  /** Stays open: the application closes it. */
  readonly connection: NatsConnection;
  /** Also takes the commands that are queued on `cmdq.>`. */
  readonly queue?: boolean;
}

/**
 * Commands as a Nest transport: `MessagePattern('<noun>.<verb>', COMMANDS, { summary })` handlers get an IncomingCommand
 * and return a CommandReply. Each type is one endpoint of the NATS service `commands`, but those with `internal: true`
 * beside the summary: they are for the platform's roles, and refused to everybody else. A handler that throws answers with
 * a problem; one that returns anything else is a fault.
 */
export class CommandServer extends Server {
  readonly #options: CommandServerOptions;
  #service: CommandService | undefined;
  #queue: WorkConsumer | undefined;

  constructor(options: CommandServerOptions) {
    super();
    this.#options = options;
    this.setTransportId(COMMANDS);
  }

  override listen(callback: (error?: unknown) => void): void {
    const { connection, queue, ...options } = this.#options;
    const handle = (command: IncomingCommand) => this.#dispatch(command);
    const commands = Object.fromEntries(
      [...this.messageHandlers].map(([type, { extras }]) => [type, { summary: String(extras?.['summary'] ?? type), internal: extras?.['internal'] === true }]),
    );
    this.#service = serveCommands(connection, { ...options, commands, handle });
    if (queue) this.#queue = consumeCommandQueue(connection, { handle: queuedCommands(handle, options.key) });
    callback();
  }

  async #dispatch(command: IncomingCommand): Promise<CommandReply> {
    const handler = this.messageHandlers.get(command.type);
    if (!handler) throw unknownCommand(command.type, this.#open());
    if (handler.extras?.['internal'] === true && !command.trusted) throw internalCommand(command.type);
    const result = await handlerResult(this.transformToObservable(await handler(command, new CommandContext([command]))));
    const reply = CommandReply.safeParse(result);
    if (reply.success) return reply.data;
    throw new Failure('fault', 'no-reply', `The handler of ${command.type} returned no command reply.`, { cause: reply.error });
  }

  /** Types that everybody may send. */
  #open(): string[] {
    return [...this.messageHandlers].flatMap(([type, { extras }]) => (extras?.['internal'] === true ? [] : [type]));
  }

  override async close(): Promise<void> {
    await Promise.all([this.#service?.close(), this.#queue?.close()]);
  }

  override on(): never {
    throw new TypeError('This transport has no events; watch the connection instead.');
  }

  override unwrap<T>(): T {
    return this.#options.connection as T;
  }
}
