/** What every started server has. */
export interface RunningServer {
  readonly pid: number;
  /** On 127.0.0.1. */
  readonly port: number;
  readonly logFile: string;
  /** Settles with the exit code when the server has ended, wanted or not. Never rejects. */
  readonly exited: Promise<number>;
  /** Stops the server in order (killed after its grace period) and gives its data folder back. */
  stop(): Promise<void>;
}

/** A started Postgres of either kind. */
export interface RunningPostgres extends RunningServer {
  readonly kind: 'pglite' | 'native';
  readonly databaseUrl: string;
}

/** A started nats-server. */
export interface RunningNats extends RunningServer {
  readonly natsUrl: string;
  /** As the server says it, such as "2.15.1". */
  readonly version: string;
}
