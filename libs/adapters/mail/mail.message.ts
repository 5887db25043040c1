import { hash } from 'node:crypto';
import type { Mail } from '@agent-platform/ports/mail.port';
import { invalidMail } from './mail.failure.ts';

/** A mail as it goes over the wire. */
export interface ComposedMail {
  readonly message_id: string;
  readonly from: string;
  /** Addresses alone, each once. */
  readonly recipients: readonly string[];
  readonly content: Buffer;
}

const MOST_RECIPIENTS = 100;
const MOST_BYTES = 1_000_000;
/** An address, perhaps with a name before it. Quoted local parts, routes and groups have no use here, and a history of tricks. */
const ADDRESS =
  /^(?:[^<>",;:\\@\p{Cc}]*<)?([\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)*[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?)(>?)$/u;
/** A line break in a header would begin another header. */
const LINE = /^[^\p{Cc}\p{Zl}\p{Zp}]*$/u;

/** The address alone. Throws Failure `mail-invalid`, which names the field. */
function addressOf(text: string, field: string): string {
  const [, address, closed] = (text.length > 320 ? null : ADDRESS.exec(text.trim())) ?? [];
  if (address === undefined || text.includes('<') !== (closed === '>'))
    throw invalidMail(`${field}: ${JSON.stringify(text.slice(0, 100))} is no mail address; write ann@example.com, or Ann <ann@example.com>.`);
  return address;
}

function line(text: string, field: string, longest: number): string {
  if (!LINE.test(text) || text.length > longest) throw invalidMail(`${field}: must be one line of at most ${longest} characters; remove line breaks.`);
  return text;
}

/** Builds the mail of one key. Nothing in it can open a file or an address: contents are given as such. */
export async function composeMail(mail: Mail, sender: string): Promise<ComposedMail> {
  const from = addressOf(sender, 'from');
  const lists = { to: mail.to, cc: mail.cc, bcc: mail.bcc };
  const all = Object.entries(lists).flatMap(([field, list]) => list.map((text, at) => addressOf(text, `${field}.${at}`)));
  const recipients = [...new Set(all)];
  if (recipients.length === 0) throw invalidMail('to: is empty; name somebody who is to get the mail.');
  if (recipients.length > MOST_RECIPIENTS) throw invalidMail(`to, cc and bcc: are more than ${MOST_RECIPIENTS} addresses; send several mails.`);
  if (mail.reply_to !== undefined) addressOf(mail.reply_to, 'reply_to');
  const message_id = `<${hash('sha256', mail.key).slice(0, 40)}@${from.split('@')[1] ?? ''}>`;
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  const node = new MailComposer({
    messageId: message_id,
    from: sender,
    to: [...mail.to],
    cc: [...mail.cc],
    ...(mail.reply_to !== undefined && { replyTo: mail.reply_to }),
    subject: line(mail.subject, 'subject', 500),
    ...(mail.text !== undefined && { text: mail.text }),
    ...(mail.html !== undefined && { html: mail.html }),
    attachments: mail.attachments.map(({ filename, content, encoding, content_type }, at) => ({
      filename: line(filename, `attachments.${at}.filename`, 200).replaceAll(/[/\\]/g, '_'),
      content: Buffer.from(content, encoding),
      ...(content_type !== undefined && { contentType: line(content_type, `attachments.${at}.content_type`, 100) }),
    })),
    headers: { 'X-Idempotency-Key': hash('sha256', mail.key).slice(0, 40), 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile();
  const content = await node.build();
  if (content.length > MOST_BYTES) throw invalidMail(`attachments: make a mail of ${content.length} bytes, above ${MOST_BYTES}; send less, or a link.`);
  return { message_id, from, recipients, content };
}
