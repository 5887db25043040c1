import { whyNoContainer } from '@agent-platform/embedded/testing/container-engine';
import type { CommandReply } from '@agent-platform/contracts/kit/reply';
import { NatsContainer, type StartedNatsContainer } from '@testcontainers/nats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveCommands } from './command-service.ts';
import { closeMessaging, connectMessaging, type NatsConnection } from './connect.ts';
import { createEventPublisher } from './event-publisher.ts';
import { consumeLog } from './log-consumer.ts';
import { requestCommand } from './request-command.ts';
import { ensureStreams } from './stream-config.ts';
import { sequencedEvents } from './testing/events.ts';

/** What operators are given: infra/docker and infra/k8s name the same image. */
const IMAGE = 'nats:2.15.0-alpine';
const reason = await whyNoContainer(IMAGE);

describe.skipIf(reason !== null)(`in a container (${reason ?? IMAGE})`, () => {
  let container: StartedNatsContainer;
  let nc: NatsConnection;

  beforeAll(async () => {
    container = await new NatsContainer(IMAGE).withJetStream().start();
    const { servers, user = '', pass = '' } = container.getConnectionOptions();
    const [address] = [servers].flat();
    nc = await connectMessaging({ url: `nats://${user}:${pass}@${address?.replace(/^nats:\/\//, '')}`, name: 'test' });
    await ensureStreams(nc);
  });
  afterAll(async () => {
    await closeMessaging(nc);
    await container.stop();
  });

  test('what is published is read in order, by a second reader too', async () => {
    const publisher = createEventPublisher(nc);
    expect(await publisher.resume()).toMatchObject({ position: 0 });
    await publisher.publish(sequencedEvents(1, 1000));
    expect(await createEventPublisher(nc).resume()).toMatchObject({ position: 1000 });
    for (const name of ['first', 'second']) {
      const positions: number[] = [];
      for await (const batch of consumeLog(nc, { name, startAfterPosition: 0, batch: 100 })) {
        positions.push(...batch.messages.map(({ position }) => position));
        batch.ack();
        if (batch.lastPosition === 1000) break;
      }
      expect(positions).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1));
    }
  });

  test('a command is answered', async () => {
    const reply: CommandReply = { ok: true, id: 'r1', entity: null, log: { stream: 'acme/run/r1', version: 1, event_id: null } };
    const service = serveCommands(nc, {
      commands: { 'run.create': { summary: 'Creates a run.' } },
      maxInFlight: 1,
      onFault: (failure) => expect.unreachable(failure.message),
      handle: () => Promise.resolve(reply),
    });
    await nc.flush();
    const call = { commandId: '0190a1b2-c3d4-7e5f-8a9b-000000000001', cause: { actor: 'user:ada', correlation_id: 'request-1' } };
    expect(await requestCommand(nc, 'acme', 'run.create', {}, call)).toEqual(reply);
    await service.close();
  });
});
