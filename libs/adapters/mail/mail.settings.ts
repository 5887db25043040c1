import { Failure } from '@agent-platform/kernel/index';

/** The operator's server, and who its mails are from. */
export interface OperatorServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; else STARTTLS where the server offers it. */
  readonly secure: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly from: string;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'smtp:': 587, 'smtps:': 465 };

/**
 * Reads `smtp://user:password@host:port` (or smtps://) and the sender. Null without an address. Throws Failure('invalid',
 * 'bad-config'), without the address: it holds a password.
 */
export function readMailSettings(address: string | undefined, from: string | undefined): OperatorServer | null {
  if (address === undefined) return null;
  const url = URL.parse(address);
  const port = DEFAULT_PORTS[url?.protocol ?? ''];
  if (!url || port === undefined || url.hostname === '')
    throw badConfig('AGENT_PLATFORM_SMTP_URL', 'is no address of a mail server', 'write smtp://user:password@host:587, or smtps:// for TLS from the start');
  if (from === undefined) throw badConfig('AGENT_PLATFORM_SMTP_FROM', 'is missing', 'say who the mails are from, e.g. Agent Platform <agent@example.com>');
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? port : Number(url.port),
    secure: url.protocol === 'smtps:',
    user: url.username === '' ? undefined : decodeURIComponent(url.username),
    password: url.password === '' ? undefined : decodeURIComponent(url.password),
    from,
  };
}

const badConfig = (field: string, rule: string, remedy: string): Failure =>
  new Failure('invalid', 'bad-config', `The settings are not right:\n  ${field}: ${rule}; ${remedy}.`, { errors: [{ field, rule, remedy }] });
