import { createServer } from 'node:net';

/** A TCP port on 127.0.0.1 that is free now. Another process may take it first: see `startOnFreePort`. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new Error('the system named no port'));
      });
    });
  });
}

/** A server found its port taken. */
export class PortTaken extends Error {
  readonly port: number;

  constructor(port: number) {
    super(`port ${port} on 127.0.0.1 is taken by another program: stop that program or choose another port`);
    this.name = 'PortTaken';
    this.port = port;
  }
}

/**
 * Calls `start` with the wanted port, or with free ones: between finding a free port and a server's
 * taking it, another program may come first, so `PortTaken` is tried again with the next.
 */
export async function startOnFreePort<T>(wanted: number | undefined, start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(wanted ?? (await freePort()));
    } catch (error) {
      if (!(error instanceof PortTaken) || wanted !== undefined || attempt === 5) throw error;
    }
  }
}
