import { connect as connectTcp, type Socket } from 'node:net';
import { Failure } from '@agent-platform/kernel/index';
import type { Mail, MailPort } from '@agent-platform/ports/mail.port';
import { invalidMail, mailFailure, type Phase } from './mail.failure.ts';
import { composeMail } from './mail.message.ts';
import { type OperatorServer, readMailSettings } from './mail.settings.ts';
import { exchangeMail, type Server } from './smtp.exchange.ts';

type Connect = (host: string, port: number, options: { readonly signal: AbortSignal }) => Promise<Socket>;

/** The settings of the platform that mail needs (libs/service/config.ts). */
export interface MailSettings {
  /** `smtp://user:password@host:port` of the operator; absent: only mails that name a server can be sent. */
  readonly AGENT_PLATFORM_SMTP_URL?: string | undefined;
  /** Sender of mails over the operator's server. */
  readonly AGENT_PLATFORM_SMTP_FROM?: string | undefined;
}

/** Ports on which servers take mail of clients. */
export const MAIL_PORTS: readonly number[] = [25, 465, 587, 2525];

const TLS_PORT = 465;

/** The operator's server is where the operator says, inside or not. */
const trusted: Connect = async (host, port, { signal }) => {
  const socket = connectTcp({ host, port, signal });
  await new Promise<void>((done, fail) => socket.once('connect', done).once('error', fail));
  return socket;
};

/**
 * Sends mail over SMTP, one connection each. `guarded` opens connections to servers that mails name: the egress guard.
 * Throws Failure('invalid', 'bad-config') for settings that are wrong.
 */
export function createMailPort(settings: MailSettings, guarded: Connect): MailPort {
  const operator = readMailSettings(settings.AGENT_PLATFORM_SMTP_URL, settings.AGENT_PLATFORM_SMTP_FROM);
  return {
    async send(mail, { signal }) {
      const { server, port, connect, sender } = routeOf(mail, operator, guarded);
      const composed = await composeMail(mail, sender);
      const deadline = AbortSignal.timeout(mail.timeout_ms);
      const stop = AbortSignal.any([signal, deadline]);
      const progress: { phase: Phase } = { phase: 'connect' };
      let socket: Socket | undefined;
      const end = () => void socket?.destroy();
      stop.addEventListener('abort', end, { once: true });
      try {
        socket = await connect(server.host, port, { signal: stop });
        return await exchangeMail(socket, server, composed, progress);
      } catch (error) {
        if (signal.aborted) throw new Failure('transient', 'mail-aborted', 'The mail was given up before the server took it.', { cause: error });
        throw mailFailure(error, { phase: progress.phase, late: deadline.aborted, timeoutMs: mail.timeout_ms });
      } finally {
        stop.removeEventListener('abort', end);
        end();
      }
    },
  };
}

interface Route {
  readonly server: Server;
  readonly port: number;
  readonly connect: Connect;
  readonly sender: string;
}

function routeOf(mail: Mail, operator: OperatorServer | null, guarded: Connect): Route {
  const own = mail.server;
  if (own) {
    if (mail.from === undefined) throw invalidMail('from: is missing; a mail over a server of its own says who it is from.');
    const { host, port, user, password } = own;
    // A password on an open wire is everybody's.
    const server = { host, secure: port === TLS_PORT, user, password, mustEncrypt: user !== undefined };
    return { server, port, connect: guarded, sender: mail.from };
  }
  if (!operator) {
    const message =
      'There is no mail server: the operator names one in AGENT_PLATFORM_SMTP_URL, or the call names its own in "server". With dry_run nothing is sent.';
    throw new Failure('invalid', 'mail-not-configured', message);
  }
  if (mail.from !== undefined) throw invalidMail(`from: is for mails over a server of their own; the operator's sends as its sender. Use reply_to.`);
  const { host, secure, user, password, port, from } = operator;
  return { server: { host, secure, user, password, mustEncrypt: false }, port, connect: trusted, sender: from };
}
