import { createServer } from 'node:http';

/** A service outside the platform that does a step of work per idempotency key, and counts. */
export interface World {
  /** Steps whose body has ended. */
  ended(): number;
  /** Distinct keys seen. */
  keys(): number;
  startedTwice(): number;
  endedTwice(): number;
  /** Calls that came again with a known key and got the first one's answer. */
  joined(): number;
  close(): Promise<void>;
}

export async function startWorld(port: number, workMs: number): Promise<World> {
  const started = new Map<string, number>();
  const finished = new Map<string, number>();
  const answers = new Map<string, Promise<string>>();
  let joined = 0;

  async function work(key: string): Promise<string> {
    started.set(key, (started.get(key) ?? 0) + 1);
    await new Promise((resolve) => setTimeout(resolve, workMs));
    finished.set(key, (finished.get(key) ?? 0) + 1);
    return JSON.stringify({ i: Number(/[?&]i=(\d+)/.exec(key)?.[1] ?? 0) });
  }

  const server = createServer((request, response) => {
    const key = String(request.headers['idempotency-key'] ?? '');
    const known = answers.get(key);
    if (known) joined += 1;
    const answer = known ?? work(key);
    answers.set(key, answer);
    answer.then(
      (body) => response.writeHead(200, { 'content-type': 'application/json' }).end(body),
      () => response.writeHead(500).end(),
    );
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const moreThanOnce = (counts: Map<string, number>) => [...counts.values()].filter((n) => n > 1).length;
  return {
    ended: () => [...finished.values()].reduce((sum, n) => sum + n, 0),
    keys: () => finished.size,
    startedTwice: () => moreThanOnce(started),
    endedTwice: () => moreThanOnce(finished),
    joined: () => joined,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
