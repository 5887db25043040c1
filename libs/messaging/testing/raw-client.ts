import { connect } from 'node:net';

/** Somebody who writes the protocol by hand, with subjects and headers that no client library lets through. */
export interface RawClient {
  /** Publishes header lines (without the version line) and a body. */
  publish(subject: string, body: string | Uint8Array, headerLines?: string): void;
  /** Resolves when the server has read everything so far, or has hung up; with the errors it named. */
  flush(): Promise<string[]>;
  /** Whether the server has hung up. */
  readonly closed: boolean;
  close(): void;
}

export async function openRawClient(url: string): Promise<RawClient> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let received = '';
  let closed = false;
  let look = () => {};
  socket.on('data', (chunk: Buffer) => ((received += chunk.toString('latin1')), look()));
  socket.on('error', () => {});
  socket.on('close', () => ((closed = true), look()));
  const until = (done: () => boolean) =>
    new Promise<void>((resolve) => {
      look = () => done() && resolve();
      look();
    });
  await until(() => received.includes('INFO '));
  socket.write('CONNECT {"verbose":false,"pedantic":false,"headers":true,"no_responders":true}\r\n');
  let pings = 0;
  return {
    publish(subject, body, headerLines = '') {
      const head = Buffer.from(`NATS/1.0\r\n${headerLines}\r\n`);
      const bytes = Buffer.from(body as string);
      socket.write(`HPUB ${subject} ${head.length} ${head.length + bytes.length}\r\n`);
      socket.write(Buffer.concat([head, bytes, Buffer.from('\r\n')]));
    },
    async flush() {
      pings++;
      socket.write('PING\r\n');
      await until(() => closed || received.split('PONG').length > pings);
      return [...received.matchAll(/-ERR '([^']*)'/g)].map(([, message = '']) => message);
    },
    get closed() {
      return closed;
    },
    close: () => socket.destroy(),
  };
}
