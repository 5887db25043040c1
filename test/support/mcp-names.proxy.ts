import { once } from 'node:events';
import { createServer, request as send, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The platform as somebody sees it who calls its tools and resources by names of their own: texts of requests are replaced
 * by ours, those of answers by theirs. Everything else, the Host and the Origin too, passes as it is.
 */
export async function startNamesProxy(target: string, workspace: string, names: ReadonlyMap<string, string>): Promise<{ readonly url: string; close(): void }> {
  const { port } = new URL(target);
  const translate = (text: string, from: 0 | 1): string =>
    [...names].reduce((done, pair) => done.replaceAll(`"${pair[from]}"`, () => `"${pair[1 - from] ?? ''}"`), text);
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = translate(Buffer.concat(chunks).toString('utf8'), 0);
      const { 'content-length': _, ...headers } = request.headers;
      const asked = { port, path: request.url, method: request.method, headers: { ...headers, 'x-workspace-id': workspace } };
      const forwarded = send({ host: '127.0.0.1', ...asked }, (answer) => {
        const { 'content-length': __, ...told } = answer.headers;
        response.writeHead(answer.statusCode ?? 502, told);
        // Messages come as whole events: none is cut inside a name.
        answer.on('data', (chunk: Buffer) => response.write(translate(chunk.toString('utf8'), 1)));
        answer.on('end', () => response.end());
      });
      response.once('close', () => forwarded.destroy());
      forwarded.on('error', () => response.destroy());
      forwarded.end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => (server.closeAllConnections(), server.close()) };
}
