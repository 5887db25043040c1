import { createServer, connect, type Socket } from 'node:net';

/**
 * - `open`: everything passes.
 * - `cut`: connections are reset, new ones too.
 * - `still`: nothing passes either way and nobody is told; what was sent arrives once the link is open again.
 * - `deaf`: what the role sends arrives, what the server answers does not, until the link is open again.
 */
export type LinkState = 'open' | 'cut' | 'still' | 'deaf';

/** The wire between one role and one server: a TCP proxy that can fail as networks do. */
export interface Link {
  /** Where the role connects to. */
  readonly port: number;
  set(state: LinkState): void;
  /** New connections lead to another server. */
  redirect(serverPort: number): void;
  /**
   * Forgets the connections there are, as a router does that was started again: they stay open and carry nothing any
   * more; new ones work. The server's side ends after `SERVER_NOTICES_MS`, as by its TCP keepalive.
   */
  forget(): void;
  close(): Promise<void>;
}

interface Pair {
  readonly role: Socket;
  readonly server: Socket;
  forgotten: boolean;
}

const SERVER_NOTICES_MS = 12_000;

export async function startLink(firstPort: number): Promise<Link> {
  let serverPort = firstPort;
  const pairs = new Set<Pair>();
  let state: LinkState = 'open';

  const listener = createServer({ noDelay: true }, (role) => {
    if (state === 'cut') return void role.resetAndDestroy();
    const pair: Pair = { role, server: connect({ port: serverPort, host: '127.0.0.1', noDelay: true }), forgotten: false };
    pairs.add(pair);
    const end = () => {
      // What was forgotten tells nobody of its end.
      if (pair.forgotten) return;
      pairs.delete(pair);
      for (const socket of [role, pair.server]) socket.destroy();
    };
    for (const socket of [role, pair.server]) socket.on('error', end).on('close', end);
    carry(role, pair.server);
    carry(pair.server, role);
    follow(pair);
  });

  /** Pausing the reader holds the bytes back, as lost packets that are sent again do. */
  function follow({ role, server, forgotten }: Pair): void {
    const passes = (open: boolean, socket: Socket) => void (open && !forgotten ? socket.resume() : socket.pause());
    passes(state === 'open' || state === 'deaf', role);
    passes(state === 'open', server);
  }

  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    set(next) {
      state = next;
      for (const pair of pairs) {
        if (next === 'cut') for (const socket of [pair.role, pair.server]) socket.resetAndDestroy();
        else follow(pair);
      }
    },
    redirect(port) {
      serverPort = port;
    },
    forget() {
      for (const pair of pairs) {
        pair.forgotten = true;
        follow(pair);
        setTimeout(() => pair.server.destroy(), SERVER_NOTICES_MS).unref();
      }
    },
    async close() {
      for (const { role, server } of pairs) for (const socket of [role, server]) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

function carry(from: Socket, to: Socket): void {
  from.on('data', (bytes) => {
    if (to.write(bytes) || to.destroyed) return;
    from.pause();
    to.once('drain', () => from.resume());
  });
}
