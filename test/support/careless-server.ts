import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

const JSON_TYPE = { 'content-type': 'application/json' };

interface Call {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** A server that gives away what it was sent. */
export interface CarelessServer {
  readonly host: string;
  readonly base: string;
  readonly calls: readonly Call[];
  callsOf(path: string): readonly Call[];
  /** The first call of `/slow` has come; it is not answered. */
  readonly slow: Promise<void>;
  close(): void;
}

/**
 * Echoes headers, as careless servers do: in answers and errors, in other spellings (`/hooks/of/…`), cut off in the middle
 * (`/cut`), as a provider of models (`/provider`) and as an MCP server (`/mcp`).
 */
export async function startCarelessServer(): Promise<CarelessServer> {
  const calls: Call[] = [];
  const callsOf = (asked: string): Call[] => calls.filter((call) => call.path === asked);
  const slow = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    const { url: asked = '', headers } = request;
    calls.push({ path: asked, headers });
    if (asked === '/slow' && callsOf(asked).length === 1) return slow.resolve();
    const token = String(headers.authorization ?? '').replace('Bearer ', '');
    const base64 = Buffer.from(`key:${token}`).toString('base64');
    const spellings = { url: asked, base64, hex: Buffer.from(token).toString('hex'), form: encodeURIComponent(token) };
    if (asked.startsWith('/provider'))
      return void response.writeHead(401, JSON_TYPE).end(JSON.stringify({ error: { message: `Incorrect API key: ${token}` } }));
    if (asked.startsWith('/mcp')) return void response.writeHead(500, JSON_TYPE).end(JSON.stringify({ error: headers }));
    if (asked.startsWith('/hooks/of/')) return void response.writeHead(200, JSON_TYPE).end(JSON.stringify(spellings));
    if (asked === '/cut') return void response.writeHead(502).end(`${'x'.repeat(490)}${token}`);
    const body = asked === '/documents' ? [{ id: 1, title: 'a', text: `a ${JSON.stringify(headers)}` }] : { headers, token };
    response.writeHead(asked === '/broken' ? 500 : 200, { ...JSON_TYPE, 'set-cookie': token }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { host, base: `http://${host}`, calls, callsOf, slow: slow.promise, close };
}
