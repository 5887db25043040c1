import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { Away, patiently } from './patience.ts';

/** The HTTP API of one workspace. Writes carry an Idempotency-Key, so that asking again is safe. */
export interface Api {
  get<T extends z.ZodType>(path: string, shape: T): Promise<z.output<T>>;
  post(path: string, body: object): Promise<void>;
}

/** Statuses that say "not now". */
const AWAY: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const LONGEST_ANSWER_MS = 20_000;

/** Throws, besides what the shapes throw, an error with the platform's own words when it refuses. */
export function createApi(url: string, workspace: string): Api {
  async function call(method: string, path: string, body?: object): Promise<unknown> {
    const key = randomUUID();
    return patiently(async () => {
      const answer = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: { 'x-workspace-id': workspace, ...(body && { 'content-type': 'application/json', 'idempotency-key': key }) },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(LONGEST_ANSWER_MS),
      })
        .then(async (response) => ({ status: response.status, text: await response.text() }))
        .catch((error: unknown) => {
          throw new Away(`${method} ${path}`, error);
        });
      if (AWAY.has(answer.status)) throw new Away(`${method} ${path}`, `status ${answer.status}: ${answer.text}`);
      if (answer.status >= 400) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`);
      return JSON.parse(answer.text) as unknown;
    });
  }

  return {
    get: async (path, shape) => shape.parse(await call('GET', path)),
    post: async (path, body) => void (await call('POST', path, body)),
  };
}
