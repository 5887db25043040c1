import { BackendTerminatedUnexpectedlyError, type DriverClient, type DriverFactory } from 'slonik';

/**
 * Has a driver give up a connection on which an answer takes longer than `ms`: more than Postgres itself lets a statement
 * take, so it can only mean that the connection is dead without having been closed. Without this the question would wait
 * for TCP to give up, a quarter of an hour. What became of a write is unknown then, as after any broken connection.
 *
 * What killed one connection has killed the others of its time: those that have not answered since the dead one was asked
 * are given up when they are used next, instead of being waited for one after the other.
 */
export const withAnswerDeadline =
  (factory: DriverFactory, ms: number): DriverFactory =>
  async (options) => {
    const driver = await factory(options);
    /** When the last dead connection was asked what it did not answer. */
    let doubtedUntil = -Infinity;

    const guard = (client: DriverClient): DriverClient => {
      const { query, destroy } = client;
      let heardAt = performance.now();
      const giveUp = (why: string) => {
        // It may be on its way already.
        destroy().catch(() => undefined);
        return new BackendTerminatedUnexpectedlyError(new Error(why));
      };
      client.query = (...asked) => {
        const askedAt = performance.now();
        if (heardAt < doubtedUntil) return Promise.reject(giveUp('Connections as old as this one are dead'));
        return new Promise((resolve, reject) => {
          const deadline = setTimeout(() => {
            doubtedUntil = Math.max(doubtedUntil, askedAt);
            reject(giveUp(`Postgres did not answer within ${ms} ms`));
          }, ms);
          const hear = () => {
            clearTimeout(deadline);
            heardAt = performance.now();
          };
          query(...asked)
            .then(resolve, reject)
            .finally(hear);
        });
      };
      return client;
    };
    return { ...driver, createClient: async () => guard(await driver.createClient()) };
  };
