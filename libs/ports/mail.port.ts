/** A file of a mail: a text, or bytes in base64. */
export interface MailAttachment {
  readonly filename: string;
  readonly content: string;
  readonly encoding: 'utf8' | 'base64';
  readonly content_type?: string | undefined;
}

/** A server that a mail names itself, instead of the operator's. */
export interface MailServer {
  readonly host: string;
  readonly port: number;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

export interface Mail {
  /** Addresses like `ann@example.com` or `Ann <ann@example.com>`. */
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  /** With a server of its own only: the operator's has the operator's sender. */
  readonly from?: string | undefined;
  readonly reply_to?: string | undefined;
  readonly subject: string;
  readonly text?: string | undefined;
  readonly html?: string | undefined;
  readonly attachments: readonly MailAttachment[];
  readonly server?: MailServer | undefined;
  /** The Message-ID is made of it: the same again is, for mailboxes, the same message. */
  readonly key: string;
  readonly timeout_ms: number;
}

export interface MailReceipt {
  readonly message_id: string;
  readonly accepted: readonly string[];
  readonly rejected: readonly { readonly address: string; readonly reason: string }[];
  /** What the server said last, e.g. the number of its queue. */
  readonly response: string;
}

/**
 * Sends mail. Throws Failure: invalid `mail-not-configured`, `mail-invalid` (an address, a header, a size), `mail-refused`
 * (the server said no for good), `egress-denied`; transient `mail-deferred` (the server said later), `mail-unreachable`,
 * `mail-timeout`, `mail-aborted`. `sent` on the cause says whether the mail may have been taken.
 */
export interface MailPort {
  send(mail: Mail, options: { readonly signal: AbortSignal }): Promise<MailReceipt>;
}
