import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/transport-node';
import { Failure } from '@agent-platform/kernel/failure';
import { orDisconnect } from './connection-status.ts';

/** The streams of the platform. `replay.>`, `live.>` and `cmd.>` are core NATS and stored nowhere. */
export const STREAMS = {
  /** Every event of the log, in position order. */
  events: 'EVT',
  /** Commands sent without waiting for an answer. */
  commands: 'CMDQ',
  /** Messages a consumer gave up on. */
  dead: 'DEAD',
  /** Dead messages on their way back to the one consumer that gave up on them. */
  redrive: 'REDRIVE',
} as const;

export interface StreamOptions {
  /** How long events stay on JetStream; absent: for ever. The log keeps them in any case. */
  readonly eventMaxAgeMs?: number;
  readonly replicas?: number;
}

type Wanted = Partial<StreamConfig> & { readonly name: string };

const wantedStreams = (options: StreamOptions): readonly Wanted[] => {
  const all = { storage: StorageType.File, num_replicas: options.replicas ?? 1, allow_direct: true };
  return [
    {
      ...all,
      name: STREAMS.events,
      subjects: ['evt.>'],
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.Old,
      // Order and uniqueness come from the expected sequence. A short window keeps the server's table of ids small
      // and, after a purge, lets the same events in again soon.
      duplicate_window: nanos(2_000),
      max_age: nanos(options.eventMaxAgeMs ?? 0),
    },
    {
      ...all,
      name: STREAMS.commands,
      subjects: ['cmdq.>'],
      retention: RetentionPolicy.Workqueue,
      discard: DiscardPolicy.New,
      duplicate_window: nanos(120_000),
    },
    { ...all, name: STREAMS.dead, subjects: ['dead.>'], retention: RetentionPolicy.Limits, duplicate_window: nanos(120_000) },
    { ...all, name: STREAMS.redrive, subjects: ['redrive.>'], retention: RetentionPolicy.Workqueue, duplicate_window: nanos(2_000) },
  ];
};

export const isApiError = (error: unknown, ...codes: number[]): boolean => error instanceof JetStreamApiError && codes.includes(error.code);

/** Creates what is missing and updates what differs. Safe to call from every process at start and after a wipe. */
export async function ensureStreams(nc: NatsConnection, options: StreamOptions = {}): Promise<void> {
  const manager = await jetstreamManager(nc, { checkAPI: false });
  for (const wanted of wantedStreams(options)) await orDisconnect(nc, ensureStream(manager, wanted));
}

async function ensureStream(manager: JetStreamManager, wanted: Wanted): Promise<void> {
  const info = await manager.streams.info(wanted.name).catch((error: unknown) => {
    if (isApiError(error, JetStreamApiCodes.StreamNotFound)) return null;
    throw error;
  });
  if (!info) return void (await manager.streams.add(wanted).catch(noCluster));
  const found: Record<string, unknown> = { ...info.config };
  const different = Object.entries(wanted).filter(([key, value]) => JSON.stringify(found[key]) !== JSON.stringify(value));
  if (different.length === 0) return;
  const fixed = different.find(([key]) => key === 'retention' || key === 'storage');
  if (fixed) {
    throw new Failure(
      'fault',
      'stream-mismatch',
      `Stream ${wanted.name} has ${fixed[0]} ${JSON.stringify(found[fixed[0]])}; needed is ${JSON.stringify(fixed[1])}, and it can't be changed. Delete the stream: the relay refills it from the log.`,
    );
  }
  await manager.streams.update(wanted.name, wanted).catch(noCluster);
}

const NO_CLUSTER = 10074;

function noCluster(error: unknown): never {
  if (!isApiError(error, NO_CLUSTER)) throw error;
  const remedy = 'Start a cluster of at least as many servers, or set AGENT_PLATFORM_NATS_REPLICAS to 1.';
  throw new Failure('invalid', 'nats-not-clustered', `AGENT_PLATFORM_NATS_REPLICAS: this NATS server is no cluster that could keep replicas. ${remedy}`);
}
