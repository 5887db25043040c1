import { readFileSync } from 'node:fs';
import { jetstreamManager } from '@nats-io/jetstream';
import { closeMessaging, connectMessaging } from '../connect.ts';
import { createEventPublisher } from '../event-publisher.ts';
import { consumeLog } from '../log-consumer.ts';
import { settle } from '../settlement.ts';
import { ensureStreams, STREAMS } from '../stream-config.ts';
import { consumeTriggers } from '../trigger-consumer.ts';
import { sequencedEvents } from './events.ts';
import { startNatsServer } from './nats-server.ts';

// Prints messages per second and microseconds of CPU per message, of this process and of the server, for the numbers in
// the README: `node libs/messaging/testing/measure.ts [messages]`. Linux only (reads /proc).
const count = Number(process.argv[2] ?? 100_000);
const BATCH = 1_000;
const CLOCK_TICK_US = 10_000;
const server = await startNatsServer();
const nc = await connectMessaging({ url: server.url, name: 'measure' });

const serverCpu = () => {
  const fields = readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_US;
};
async function measure(name: string, work: () => Promise<void>): Promise<void> {
  const before = { cpu: process.cpuUsage(), server: serverCpu(), time: performance.now() };
  await work();
  const seconds = (performance.now() - before.time) / 1000;
  const { user, system } = process.cpuUsage(before.cpu);
  const perMessage = (microseconds: number) => (microseconds / count).toFixed(1).padStart(6);
  process.stdout.write(
    `${name.padEnd(34)}${Math.round(count / seconds)
      .toString()
      .padStart(8)}/s  client${perMessage(user + system)} us  server${perMessage(serverCpu() - before.server)} us\n`,
  );
}

const log = sequencedEvents(1, count, { streams: 1000 });
process.stdout.write(`${count} messages of ${log[0]?.json.length} bytes, nats-server ${nc.info?.version}\n`);
const manager = await jetstreamManager(nc);
for (let round = 1; round <= 2; round++) {
  await manager.streams.delete(STREAMS.events).catch(() => false);
  await ensureStreams(nc);
  await measure(`publish, round ${round}`, async () => {
    const publisher = createEventPublisher(nc);
    await publisher.resume();
    for (let at = 0; at < count; at += BATCH) await publisher.publish(log.slice(at, at + BATCH));
  });
  for (const parse of [false, true]) {
    await measure(`log consumer${parse ? ', parsed' : ''}, round ${round}`, async () => {
      const consumer = consumeLog(nc, { name: 'measure', startAfterPosition: 0 });
      for await (const batch of consumer) {
        if (parse) for (const message of batch.messages) message.event();
        batch.ack();
        if (batch.lastPosition === count) break;
      }
    });
  }
  await measure(`trigger consumer, round ${round}`, async () => {
    let handled = 0;
    await new Promise<void>((resolve) => {
      const consumer = consumeTriggers(nc, {
        name: `measure-${round}`,
        subjects: ['evt.>'],
        handle: () => {
          if (++handled === count) setImmediate(() => void consumer.close().then(resolve));
          return settle.ack;
        },
      });
    });
  });
}
await closeMessaging(nc);
await server.close();
