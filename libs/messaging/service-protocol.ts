import { type Msg, type NatsConnection, nuid, type Subscription } from '@nats-io/transport-node';

/**
 * The NATS services protocol (ADR-32), as far as `nats micro ls/info/stats/ping` use it. Written here because the
 * client's own services package is bound to a pre-release of its core.
 */
export interface ServiceEndpoint {
  /** Letters, digits, "-" and "_". */
  readonly name: string;
  readonly subject: string;
  readonly queueGroup: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface ServiceDescription {
  /** Letters, digits, "-" and "_". */
  readonly name: string;
  /** Semantic version. */
  readonly version: string;
  readonly description: string;
  readonly endpoints: readonly ServiceEndpoint[];
}

export interface ServiceDiscovery {
  /** Counts one request of an endpoint. */
  record(endpoint: string, milliseconds: number, error?: string): void;
  stop(): void;
}

/** Headers that mark a reply as an error for `nats micro`. */
export const SERVICE_ERROR = { text: 'Nats-Service-Error', code: 'Nats-Service-Error-Code' } as const;

interface Stats {
  requests: number;
  errors: number;
  lastError: string;
  nanoseconds: number;
}

/** Answers discovery requests on `$SRV.<PING|INFO|STATS>[.<name>[.<id>]]` until stopped. */
export function announceService(nc: NatsConnection, service: ServiceDescription): ServiceDiscovery {
  const id = nuid.next();
  const started = new Date().toISOString();
  const stats = new Map<string, Stats>(service.endpoints.map(({ name }) => [name, { requests: 0, errors: 0, lastError: '', nanoseconds: 0 }]));
  const identity = { name: service.name, id, version: service.version, metadata: {} };
  const endpoint = ({ name, subject, queueGroup }: ServiceEndpoint) => ({ name, subject, queue_group: queueGroup });

  const answers = {
    PING: () => ({ type: 'io.nats.micro.v1.ping_response', ...identity }),
    INFO: () => ({
      type: 'io.nats.micro.v1.info_response',
      ...identity,
      description: service.description,
      endpoints: service.endpoints.map((each) => ({ ...endpoint(each), metadata: each.metadata })),
    }),
    STATS: () => ({
      type: 'io.nats.micro.v1.stats_response',
      ...identity,
      started,
      endpoints: service.endpoints.map((each) => {
        const { requests, errors, lastError, nanoseconds } = stats.get(each.name) ?? { requests: 0, errors: 0, lastError: '', nanoseconds: 0 };
        return {
          ...endpoint(each),
          num_requests: requests,
          num_errors: errors,
          last_error: lastError,
          processing_time: Math.round(nanoseconds),
          average_processing_time: requests === 0 ? 0 : Math.round(nanoseconds / requests),
        };
      }),
    }),
  };
  const subscriptions: Subscription[] = Object.entries(answers).flatMap(([verb, answer]) =>
    [`$SRV.${verb}`, `$SRV.${verb}.${service.name}`, `$SRV.${verb}.${service.name}.${id}`].map((subject) =>
      nc.subscribe(subject, { callback: (error: Error | null, message: Msg) => void (error ?? message.respond(JSON.stringify(answer()))) }),
    ),
  );
  return {
    record(name, milliseconds, error) {
      const entry = stats.get(name);
      if (!entry) return;
      entry.requests++;
      entry.nanoseconds += milliseconds * 1e6;
      if (error !== undefined) {
        entry.errors++;
        entry.lastError = error;
      }
    },
    stop() {
      for (const subscription of nc.isClosed() ? [] : subscriptions) if (!subscription.isClosed()) subscription.unsubscribe();
    },
  };
}
