import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy in front of Postgres that can lose answers: the statement arrives and commits, the client hears nothing. */
export interface FaultyProxy {
  readonly url: string;
  /** From now on: the next answer to a client is swallowed and its connection cut. */
  loseNextAnswer(): void;
  /** Cuts every connection and, until `heal`, every new one. */
  cut(): void;
  heal(): void;
  /** From now on nothing arrives any more, and nobody is told. */
  hold(): void;
  stop(): Promise<void>;
}

export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const to = new URL(target);
  const sockets = new Set<Socket>();
  let losing = false;
  let down = false;
  const server = createServer((client) => {
    if (down) return void client.destroy();
    const upstream = connect(Number(to.port), to.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on('data', (chunk) => {
      if (!losing) return void client.write(chunk);
      losing = false;
      client.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (!address || typeof address !== 'object') throw new Error('the proxy has no port');
  return {
    url: Object.assign(new URL(target), { port: String(address.port) }).toString(),
    loseNextAnswer: () => void (losing = true),
    cut() {
      down = true;
      for (const socket of sockets) socket.destroy();
    },
    heal: () => void (down = false),
    hold() {
      for (const socket of sockets) socket.pause();
    },
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
