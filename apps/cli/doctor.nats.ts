import { messagingHealth } from '@agent-platform/messaging/lag';
import { STREAMS } from '@agent-platform/messaging/stream-config';
import type { Context } from './context.ts';
import { type Finding, ok, orFail, warn } from './doctor.check.ts';
import { withNats } from './nats.session.ts';

/** Messages a consumer may have before it that it has not worked off, before it is worth a look. */
const BACKLOG = 1_000;

/** NATS: version, streams, consumers that lag, dead letters. */
export const lookAtNats = (context: Context): Promise<readonly Finding[]> =>
  orFail('nats', 'Check --nats or AGENT_PLATFORM_NATS_URL, and that nats-server 2.12 or newer runs with JetStream.', () =>
    withNats(context, async (nats) => {
      // Connecting refuses servers that are too old.
      const version = ok('nats version', nats.info?.version ?? 'unknown');
      const { streams, consumers, position } = await messagingHealth(nats);
      const lagging = consumers.filter(({ pending }) => pending > BACKLOG);
      const dead = streams.find(({ name }) => name === STREAMS.dead)?.messages ?? 0;
      return [
        version,
        ok('jetstream', `${streams.map(({ name, messages }) => `${name} ${messages}`).join(', ')}; newest event ${position}`),
        lagging.length === 0
          ? ok('consumers', `${consumers.length}, none behind`)
          : warn(
              'consumers',
              lagging.map(({ reader, pending }) => `${reader} has ${pending} before it`).join(', '),
              'Start more of the role that reads them, or look at its log.',
            ),
        dead === 0
          ? ok('dead letters', 'none')
          : warn('dead letters', `${dead} messages were given up`, 'ap dead list --all, mend the cause, then ap dead redrive'),
      ];
    }),
  );
