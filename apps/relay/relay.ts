import { pokes } from '@agent-platform/contracts/kit/index';
import { takeRelayLock } from '@agent-platform/event-log/relay-lock';
import { createEventPublisher } from '@agent-platform/messaging/event-publisher';
import { ensureStreams } from '@agent-platform/messaging/stream-config';
import { crashPoint } from '@agent-platform/runtime/crash-point';
import { type Relay, startRelay } from '@agent-platform/runtime/relay';
import { type Base, type Role, streamsOf } from '@agent-platform/service/base';
import { withHealth } from '@agent-platform/service/health';

/** Log to JetStream, in order. One is active; others wait for its lock and take over at once when it goes. */
export async function startRelayRole(base: Base): Promise<Role> {
  const { config, logger, log, nats } = base;
  const stopping = new AbortController();
  let relay: Relay | null = null;
  const pokesIn = nats.subscribe(pokes.appended, { callback: () => relay?.poke() });

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const lock = await takeRelayLock(config.AGENT_PLATFORM_DATABASE_URL, stopping.signal);
      if (!lock) return;
      logger.info({}, 'this relay is the active one');
      crashPoint('relay.after-lock');
      relay = startRelay({ log, publisher: createEventPublisher(nats), ensureStream: () => ensureStreams(nats, streamsOf(config)), logger });
      await Promise.race([lock.lost, aborted(stopping.signal)]);
      await relay.stop();
      relay = null;
      await lock.close();
    }
  }

  const running = run();
  return withHealth(nats, {
    name: 'relay',
    async close() {
      stopping.abort();
      pokesIn.unsubscribe();
      await running;
    },
  });
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));
