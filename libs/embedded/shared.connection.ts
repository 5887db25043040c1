/** One client of the shared session: cuts its bytes into messages and those into turns. */
import { randomInt } from 'node:crypto';
import type { Socket } from 'node:net';
import type { SharedSession } from './shared.session.ts';
import { StartupCode, closeStatement, fatal, query, renameStatement, simpleQueryText, startupParameters, sync, welcome } from './wire.message.ts';

/** What every connection is told and held to. */
export interface ConnectionRules {
  /** The only database there is. */
  readonly database: string;
  /** Answered to every client: server_version and the like. */
  readonly settings: Readonly<Record<string, string>>;
  /** A client that keeps a transaction open for longer without a word is disconnected. */
  readonly idleInTransactionMs: number;
}

// Sync, simple query, function call, flush: the client waits for an answer.
const ENDS_A_TURN = new Set(['S', 'Q', 'F', 'H']);

/** Serves one client on `socket` until either side ends it. `id` is unique among the living connections. */
export function serveConnection(id: number, socket: Socket, session: SharedSession, rules: ConnectionRules): void {
  let buffered: Buffer = Buffer.alloc(0);
  let started = false;
  let turn: Buffer[] = [];
  let idle: NodeJS.Timeout | undefined;
  const statements = new Set<string>();

  const rename = (name: string, type: string): string => {
    const own = `c${id}_${name}`;
    if (type === 'P') statements.add(own);
    if (type === 'C') statements.delete(own);
    return own;
  };

  const watchIdle = (): void => {
    clearTimeout(idle);
    if (session.holder !== id) return;
    idle = setTimeout(() => {
      socket.end(fatal('25P03', 'terminating connection due to idle-in-transaction timeout'));
      socket.destroySoon();
    }, rules.idleInTransactionMs);
  };

  const send = async (messages: Buffer[]): Promise<void> => {
    clearTimeout(idle);
    const answer = await session.take(id, Buffer.concat(messages));
    if (socket.destroyed) return;
    socket.write(answer);
    watchIdle();
  };

  /** DISCARD ALL would drop the prepared statements of every connection: the session is theirs too. */
  const adapt = (frame: Buffer): Buffer => {
    const sql = simpleQueryText(frame);
    if (sql !== undefined && /^\s*discard\s+all\s*;?\s*$/i.test(sql)) return query('RESET ALL');
    return renameStatement(frame, rename);
  };

  const onFrame = (frame: Buffer): void => {
    const type = String.fromCharCode(frame[0] ?? 0);
    if (type === 'X') {
      socket.end();
      return;
    }
    turn.push(adapt(frame));
    if (!ENDS_A_TURN.has(type)) return;
    const messages = turn;
    turn = [];
    void send(messages);
  };

  const onStartup = (packet: Buffer): void => {
    const code = packet.readInt32BE(4);
    if (code === StartupCode.ssl || code === StartupCode.gss) {
      socket.write('N');
      return;
    }
    if (code >> 16 !== StartupCode.protocol3) {
      // A request to cancel comes on a connection of its own and wants no answer.
      if (code === StartupCode.cancel) socket.end();
      else socket.end(fatal('0A000', 'only protocol 3.0 is spoken here'));
      return;
    }
    const database = startupParameters(packet.subarray(4)).get('database');
    if (database !== undefined && database !== rules.database) {
      socket.end(fatal('3D000', `database "${database}" does not exist; the only one here is "${rules.database}"`));
      return;
    }
    started = true;
    socket.write(welcome(id, randomInt(2 ** 31), rules.settings));
  };

  socket.setNoDelay(true);
  socket.on('data', (chunk: Buffer) => {
    buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk]);
    for (;;) {
      const head = started ? 1 : 0;
      if (buffered.length < head + 4) break;
      const size = head + buffered.readInt32BE(head);
      if (size < head + 4) {
        socket.destroy();
        return;
      }
      if (buffered.length < size) break;
      const packet = buffered.subarray(0, size);
      buffered = buffered.subarray(size);
      if (started) onFrame(packet);
      else onStartup(packet);
    }
  });
  // A reset is a client's way to leave; `close` follows.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    clearTimeout(idle);
    const cleanup = [...statements].map(closeStatement);
    session.leave(id, cleanup.length === 0 ? Buffer.alloc(0) : Buffer.concat([...cleanup, sync()]));
  });
}
