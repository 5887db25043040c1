import { randomUUID } from 'node:crypto';
import { HEADERS } from '@agent-platform/contracts/kit/subjects';
import type { IncomingCommand } from '@agent-platform/messaging/command-message';
import { CommandServer, COMMANDS } from '@agent-platform/messaging/nest/command.server';
import type { Base, Role } from '@agent-platform/service/base';
import { withHealth } from '@agent-platform/service/health';
import { startMicroservice } from '@agent-platform/service/nest-handlers';

/** Commands by request (`cmd.>`) and from the queue (`cmdq.>`): decided, appended, answered. Any number of processes share them. */
export async function startCommandsRole({ commands, features, logger, nats }: Base): Promise<Role> {
  const handle = ({ type, workspace_id, data, commandId, header }: IncomingCommand) =>
    commands({
      type,
      workspace_id,
      data,
      command_id: commandId,
      cause: {
        actor: header(HEADERS.actor) ?? 'nats',
        correlation_id: header(HEADERS.correlation) ?? commandId ?? randomUUID(),
        causation_id: header(HEADERS.causation),
        traceparent: header(HEADERS.traceparent),
      },
    });
  const handlers = features.all.flatMap(({ contract }) =>
    Object.entries(contract.commands).flatMap(([pattern, { internal, summary }]) => (internal === true ? [] : [{ pattern, summary, handle }])),
  );
  const strategy = new CommandServer({
    connection: nats,
    queue: true,
    onFault: (failure, { subject, commandId }) => logger.error({ error: failure, subject, command_id: commandId }, 'a command failed'),
  });
  const app = await startMicroservice(strategy, COMMANDS, handlers, logger);
  return withHealth(nats, { name: 'commands', areas: features.categories, close: () => app.close() });
}
