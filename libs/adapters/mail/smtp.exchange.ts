import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { MailReceipt } from '@agent-platform/ports/mail.port';
import type { Phase } from './mail.failure.ts';
import type { ComposedMail } from './mail.message.ts';

/** A server as one mail is sent through it. */
export interface Server {
  readonly host: string;
  readonly secure: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Without TLS nothing is sent. */
  readonly mustEncrypt: boolean;
}

/** Sends one mail over an open connection, and ends it. `progress` follows how far it came. */
export async function exchangeMail(socket: Socket, server: Server, mail: ComposedMail, progress: { phase: Phase }): Promise<MailReceipt> {
  const { default: SMTPConnection } = await import('nodemailer/lib/smtp-connection');
  const { host, secure, user, password, mustEncrypt } = server;
  const connection = new SMTPConnection({ host, secure, connection: socket, requireTLS: mustEncrypt && !secure, name: 'agent-platform' });
  try {
    return await new Promise<MailReceipt>((resolve, reject) => {
      // Whatever ends it, before and after the outcome is known.
      connection.on('error', reject);
      connection.on('end', () => reject(new Error('The connection ended.')));
      const send = () => {
        progress.phase = 'envelope';
        const content = Readable.from(
          (function* () {
            progress.phase = 'content';
            yield mail.content;
          })(),
        );
        connection.send({ from: mail.from, to: [...mail.recipients], size: mail.content.length }, content, (error, info) =>
          error || !info ? reject(error ?? new Error('There is no answer.')) : resolve(receiptOf(mail, info)),
        );
      };
      connection.connect((error) => {
        if (error) return reject(error);
        if (user === undefined) return send();
        progress.phase = 'login';
        connection.login({ user, pass: password ?? '' }, (refused) => (refused ? reject(refused) : send()));
      });
    });
  } finally {
    connection.close();
  }
}

interface Info {
  readonly accepted: readonly (string | { readonly address?: string | undefined })[];
  readonly rejected: readonly (string | { readonly address?: string | undefined })[];
  readonly rejectedErrors?: readonly (Error & { readonly recipient?: string | undefined; readonly response?: string | undefined })[] | undefined;
  readonly response?: string | undefined;
}

function receiptOf({ message_id }: ComposedMail, { accepted, rejected, rejectedErrors = [], response = '' }: Info): MailReceipt {
  const text = (one: Info['accepted'][number]): string => (typeof one === 'string' ? one : (one.address ?? ''));
  const reasonFor = (address: string): string => rejectedErrors.find(({ recipient }) => recipient === address)?.response ?? 'refused';
  return {
    message_id,
    accepted: accepted.map(text),
    rejected: rejected.map((one) => ({ address: text(one), reason: reasonFor(text(one)).slice(0, 300) })),
    response: response.slice(0, 500),
  };
}
