import { errors } from '@nats-io/transport-node';

/** Whether a request failed because nobody listens to its subject: the server said so at once, and nothing was delivered. */
export const isNoResponders = (error: unknown): boolean =>
  error instanceof errors.NoRespondersError || (error instanceof errors.RequestError && error.isNoResponders());
