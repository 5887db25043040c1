import { randomUUID } from 'node:crypto';
import { HEADERS } from '@agent-platform/contracts/kit/subjects';
import type { IncomingCommand } from '@agent-platform/messaging/command-message';
import { CommandServer, COMMANDS } from '@agent-platform/messaging/nest/command.server';
import type { Base, Role } from '@agent-platform/service/base';
import { withHealth } from '@agent-platform/service/health';
import { startMicroservice } from '@agent-platform/service/nest-handlers';

/** Who sent it. A role knows who asked it; what everybody else says of himself is not known to be true, and marked so. */
const actorOf = ({ trusted, header }: IncomingCommand): string => {
  const said = header(HEADERS.actor);
  return trusted ? (said ?? 'platform') : said === undefined ? 'nats' : `nats:${said}`;
};

/** Commands by request (`cmd.>`) and from the queue (`cmdq.>`): decided, appended, answered. Any number of processes share them. */
export async function startCommandsRole({ commands, features, logger, nats, roleKey }: Base): Promise<Role> {
  const handle = (command: IncomingCommand) => {
    const { type, workspace_id, data, commandId, header } = command;
    return commands({
      type,
      workspace_id,
      data,
      command_id: commandId,
      cause: {
        actor: actorOf(command),
        correlation_id: header(HEADERS.correlation) ?? commandId ?? randomUUID(),
        causation_id: header(HEADERS.causation),
        traceparent: header(HEADERS.traceparent),
      },
    });
  };
  const handlers = features.all.flatMap(({ contract }) =>
    Object.entries(contract.commands).map(([pattern, { internal, summary }]) => ({ pattern, summary, internal, handle })),
  );
  const strategy = new CommandServer({
    connection: nats,
    queue: true,
    key: roleKey,
    onFault: (failure, { subject, commandId }) => logger.error({ error: failure, subject, command_id: commandId }, 'a command failed'),
  });
  const app = await startMicroservice(strategy, COMMANDS, handlers, logger);
  return withHealth(nats, { name: 'commands', areas: features.categories, close: () => app.close() });
}
