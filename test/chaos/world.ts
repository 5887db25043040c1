import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Random } from './seed.ts';

/** What one idempotency key made happen outside. */
export interface KeyRecord {
  readonly path: string;
  /** Calls that arrived, answered or not. */
  calls: number;
  /** Distinct things asked for under the key: method, path, query and body. */
  readonly asked: Set<string>;
}

/** The outside world: an HTTP service that counts, per idempotency key, what it was asked to do. */
export interface World {
  readonly port: number;
  readonly keys: ReadonlyMap<string, KeyRecord>;
  /** Forgets what was done so far; returns the keys it was done under. */
  forget(): readonly string[];
  /** Calls of a key so far. */
  calls(key: string): number;
  close(): Promise<void>;
}

/** Longer than an executor is paused: its call is answered after it woke, while another one has begun it again. */
const SLOW_MS = 6_500;

/**
 * `/read` and `/book` may be called again, `/charge` must not be, `/flaky` answers 503 to the first call of its query.
 * `/slow` takes its time. Every other answer takes 2 to 25 ms, so that there is always an effect in flight when something is killed.
 */
export async function startWorld(random: Random): Promise<World> {
  const keys = new Map<string, KeyRecord>();
  const flaky = new Set<string>();

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? '';
    const [path = '', query = ''] = url.split('?');
    const key = String(request.headers['idempotency-key'] ?? '');
    const record = keys.get(key) ?? { path, calls: 0, asked: new Set<string>() };
    keys.set(key, record);
    record.calls += 1;
    record.asked.add(`${request.method} ${url} ${await bodyOf(request)}`);
    await new Promise((resolve) => setTimeout(resolve, path === '/slow' ? SLOW_MS : random.int(2, 25)));
    const again = path !== '/flaky' || flaky.has(query);
    flaky.add(query);
    response.writeHead(again ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify({ key, query }));
  }

  const server = createServer((request, response) => {
    // A caller that was killed in the middle of its call is what this is for.
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    keys,
    forget() {
      const known = [...keys.keys()];
      keys.clear();
      return known;
    },
    calls: (key) => keys.get(key)?.calls ?? 0,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
