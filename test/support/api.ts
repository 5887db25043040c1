/** An answer with its body read as JSON where it is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line no-explicit-any -- tests look into answers whose shape is what they check
  readonly body: any;
}

/** The API as a user of one workspace has it. */
export interface Api {
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Answer>;
  readonly post: (path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;
  readonly put: (path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;
  readonly patch: (path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;
  readonly delete: (path: string, headers?: Record<string, string>) => Promise<Answer>;
  /** A GET that sees what a write did: `created` is the write's answer. */
  readonly getAfter: (created: Answer, path: string) => Promise<Answer>;
}

/**
 * @param url of the gateway
 * @param prefix `/api/v1`, `/gateway` or empty for the root
 */
export function createApi(url: string, workspace: string, prefix = '/api/v1'): Api {
  const call = async (method: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> => {
    const raw = typeof body === 'string' || body instanceof FormData || body instanceof Uint8Array;
    const answer = await fetch(`${url}${prefix}${path}`, {
      method,
      headers: { 'x-workspace-id': workspace, ...(body !== undefined && !raw && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: raw ? (body as string | FormData | Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const json = /json/.test(answer.headers.get('content-type') ?? '');
    return { status: answer.status, headers: answer.headers, body: json ? JSON.parse(text) : text };
  };
  const get: Api['get'] = (path, headers) => call('GET', path, undefined, headers);
  return {
    get,
    post: (path, body, headers) => call('POST', path, body, headers),
    put: (path, body, headers) => call('PUT', path, body, headers),
    patch: (path, body, headers) => call('PATCH', path, body, headers),
    delete: (path, headers) => call('DELETE', path, undefined, headers),
    getAfter: (created, path) => get(`${path}${path.includes('?') ? '&' : '?'}read_after=${created.body.log.event_id}`),
  };
}
