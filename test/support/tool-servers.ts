import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

const JSON_TYPE = { 'content-type': 'application/json' };

/** A server that tools call. */
export interface Shop {
  /** `127.0.0.1:port` */
  readonly host: string;
  /** What it was asked, as `METHOD /path?query body`. */
  readonly asked: readonly string[];
  /** Pages besides what it says of every request. */
  readonly pages: Map<string, string>;
  close(): void;
}

const listen = (server: Server): Promise<void> => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

/** Says what it was asked; paths that begin with `/missing` are not there. */
export async function startShop(): Promise<Shop> {
  const asked: string[] = [];
  const pages = new Map<string, string>();
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      asked.push(`${request.method} ${request.url} ${body}`);
      const page = pages.get(request.url ?? '');
      if (page !== undefined) return void response.writeHead(200, JSON_TYPE).end(page);
      response.writeHead(request.url?.startsWith('/missing') ? 404 : 200, JSON_TYPE).end(JSON.stringify({ url: request.url, body }));
    });
  });
  await listen(server);
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked, pages, close };
}

/** A mail server that keeps every mail. */
export interface MailCatcher {
  readonly url: string;
  /** The mails as they came. */
  readonly caught: readonly string[];
  close(): Promise<void>;
}

/** `taken`: waited for before a mail, which has been kept already, is acknowledged. */
export async function startMailCatcher(taken: () => Promise<void> = async () => undefined): Promise<MailCatcher> {
  const caught: string[] = [];
  const server = new SMTPServer({
    hideSTARTTLS: true,
    authOptional: true,
    logger: false,
    onData(stream, _session, done) {
      let raw = '';
      stream.setEncoding('utf8').on('data', (text: string) => (raw += text));
      stream.on('end', () => {
        caught.push(raw);
        void taken().then(() => done(null, 'taken'));
      });
    },
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return { url: `smtp://127.0.0.1:${port}`, caught, close: () => new Promise((resolve) => server.close(resolve)) };
}
