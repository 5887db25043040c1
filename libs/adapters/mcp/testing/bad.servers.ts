import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { McpServerConfig } from '@agent-platform/contracts/mcp-server/mcp-server.contract';

const WELCOME = `{ protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'bad', version: '1' } }`;

/** A server as a process that answers as it should until a tool is called; then it does this, with the message as `m`. */
export function badProcess(behaviour: string): { readonly config: McpServerConfig; readonly allowed: string } {
  const program = `
    const send = (m) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...m }) + '\\n');
    require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
      const m = JSON.parse(line);
      if (m.method === 'initialize') send({ id: m.id, result: ${WELCOME} });
      else if (m.method === 'tools/call') { ${behaviour} }
      else if (m.id !== undefined) send({ id: m.id, error: { code: -32601, message: 'no' } });
    });`;
  const args = ['-e', program];
  return { config: { transport: 'stdio', command: process.execPath, args }, allowed: [process.execPath, ...args].join(' ') };
}

interface Message {
  readonly id?: number;
  readonly method: string;
  readonly params?: { readonly name?: string; readonly _meta?: { readonly progressToken?: number } };
}
export interface BadServer {
  readonly port: number;
  readonly url: string;
  /** Methods it was asked, in order. */
  readonly heard: string[];
  close(): void;
}

export const answer = (response: ServerResponse, message: Message, result: object): unknown =>
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }));

/** A server over HTTP with sessions that answers as it should until a tool is called; then it does this. */
export async function badServer(behaviour: (response: ServerResponse, message: Message, request: IncomingMessage) => unknown): Promise<BadServer> {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    if (request.method === 'DELETE') heard.push('DELETE');
    if (request.method !== 'POST') return void response.writeHead(405).end();
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const message = JSON.parse(body) as Message;
      heard.push(message.method);
      if (message.method === 'initialize') {
        response.setHeader('mcp-session-id', `session-${heard.length}`);
        answer(response, message, { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'bad', version: '1' } });
      } else if (message.method === 'tools/call') behaviour(response, message, request);
      else if (message.id === undefined) response.writeHead(202).end();
      else
        response.setHeader('content-type', 'application/json').end(JSON.stringify({ jsonrpc: '2.0', id: message.id, error: { code: -32601, message: 'no' } }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, heard, url: `http://127.0.0.1:${port}/mcp`, close: () => (server.closeAllConnections(), server.close()) };
}
