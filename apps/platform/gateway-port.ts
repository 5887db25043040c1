import { createServer } from 'node:net';
import { freePort } from '@agent-platform/embedded/index';

/** Whether nobody listens on a port of 127.0.0.1. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

const TRIES = 20;

/**
 * The port for the gateway. A port that was asked for and is taken is an error; the default gives way to the next
 * free one; 0 is any.
 */
export async function chooseGatewayPort(asked: number | undefined, preferred: number): Promise<number> {
  if (asked === 0) return freePort();
  if (asked !== undefined) {
    if (await isFree(asked)) return asked;
    throw new Error(`--port ${asked}: taken by another program. Stop that program, or choose another port (--port 0 takes a free one).`);
  }
  for (let port = preferred; port < preferred + TRIES; port++) {
    if (await isFree(port)) return port;
  }
  return freePort();
}
