import { Failure } from '@agent-platform/kernel/index';

const CAUSE = 'The log has lost its end: it was restored from an older backup, or Postgres does not keep what it commits.';

/** A read model reflects events that the log does not hold. */
export const aheadOfLog = (projection: string, position: number, head: number): Failure =>
  new Failure(
    'fault',
    'read-model-ahead-of-log',
    `The read model "${projection}" stands at position ${position}, the log ends at ${head}. ${CAUSE} Remedy: "ap projections rebuild ${projection}".`,
  );

/** JetStream holds events that the log does not hold. New events would get their positions a second time. */
export const streamAheadOfLog = (position: number, head: number): Failure =>
  new Failure(
    'fault',
    'stream-ahead-of-log',
    `The event stream on JetStream ends at position ${position} with an event that the log, which ends at ${head}, does not hold. ${CAUSE} Remedy: stop the platform, delete the stream ("nats stream rm EVT"), start it, and rebuild the read models ("ap projections rebuild"): both are made again from the log.`,
  );
