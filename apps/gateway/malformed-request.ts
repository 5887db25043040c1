import { randomUUIDv7 } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { Failure, toProblem } from '@agent-platform/kernel/index';

const REFUSALS: Readonly<Record<string, readonly [status: number, reason: string, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'The address and the headers are longer than 16 KB together; send less.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'The request took too long to arrive; send it again.'],
};

/** What is no HTTP request at all is answered like every other mistake; then the connection is closed. */
export function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  const timeout = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  // The client has gone, or has its answer and stays on.
  if (error.code === 'ECONNRESET' || (timeout && socket.writableEnded)) return void socket.destroy();
  // More of what was refused already: cutting the connection now could cut the answer.
  if (!socket.writable) return;
  const [status, reason, detail] = REFUSALS[error.code ?? ''] ?? [400, 'Bad Request', `This is not HTTP (${error.code ?? error.message}); check what is sent.`];
  const request_id = randomUUIDv7();
  const body = JSON.stringify(toProblem(new Failure('invalid', 'bad-request', detail, { status }), { request_id }));
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    'content-type: application/problem+json; charset=utf-8',
    `x-request-id: ${request_id}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
