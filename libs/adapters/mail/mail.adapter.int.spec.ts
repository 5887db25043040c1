import { type AddressInfo, createServer } from 'node:net';
import { createGuardedConnect } from '@agent-platform/adapter-http/index';
import { Failure } from '@agent-platform/kernel/index';
import { mayHaveArrived } from '@agent-platform/ports/http.port';
import type { Mail } from '@agent-platform/ports/mail.port';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createMailPort, MAIL_PORTS } from './index.ts';

const USER = { user: 'agent', pass: 'pass-of-the-agent' };
const caught: { readonly from: string; readonly to: readonly string[]; readonly raw: string }[] = [];
const refuse = (code: number, text: string): Error => Object.assign(new Error(text), { responseCode: code });
const catcher = new SMTPServer({
  hideSTARTTLS: true,
  authOptional: true,
  allowInsecureAuth: true,
  logger: false,
  onAuth: ({ username, password }, _session, done) =>
    username === USER.user && password === USER.pass ? done(null, { user: username }) : done(refuse(535, `no ${password}`)),
  onRcptTo: ({ address }, _session, done) =>
    done(address.startsWith('nobody@') ? refuse(550, 'no such box') : address.startsWith('later@') ? refuse(451, 'greylisted') : null),
  onData(stream, { envelope }, done) {
    let raw = '';
    stream.setEncoding('utf8').on('data', (text: string) => (raw += text));
    stream.on('end', () => {
      if (raw.includes('VIRUS')) return done(refuse(554, 'looks bad'));
      caught.push({ from: envelope.mailFrom ? envelope.mailFrom.address : '', to: envelope.rcptTo.map(({ address }) => address), raw });
      done(null, 'queued as 7');
    });
  },
});
catcher.on('error', () => undefined);
/** Takes the whole mail and never says so. */
const silent = createServer((socket) => {
  let data = false;
  socket.on('error', () => undefined).write('220 silent\r\n');
  socket.on('data', (chunk) => {
    if (data) return chunk.toString().includes('\r\n.\r\n') ? void socket.destroy() : undefined;
    data = chunk.toString().startsWith('DATA');
    socket.write(data ? '354 go on\r\n' : '250 ok\r\n');
  });
});

let port: number;
let silentPort: number;
beforeAll(async () => {
  await new Promise<void>((resolve) => void catcher.listen(0, '127.0.0.1', resolve));
  await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve));
  port = (catcher.server.address() as AddressInfo).port;
  silentPort = (silent.address() as AddressInfo).port;
});
afterAll(async () => {
  silent.close();
  await new Promise<void>((resolve) => catcher.close(resolve));
});
beforeEach(() => void caught.splice(0));

const guarded = createGuardedConnect({ ports: MAIL_PORTS });
const from = 'Agent <agent@platform.test>';
const send = (mail: Partial<Mail> = {}, url: string | undefined = `smtp://${USER.user}:${USER.pass}@127.0.0.1:${port}`, connect = guarded) =>
  createMailPort({ AGENT_PLATFORM_SMTP_URL: url, AGENT_PLATFORM_SMTP_FROM: from }, connect).send(
    { to: ['ann@example.test'], cc: [], bcc: [], subject: 'Hello', text: 'Dear Ann', attachments: [], key: 'acme/run-1/mail', timeout_ms: 3000, ...mail },
    { signal: new AbortController().signal },
  );
const failed = async (asked: Promise<unknown>) => {
  const error = await asked.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Failure)) throw new Error('expected a Failure', { cause: error });
  expect(error.message).not.toContain(USER.pass);
  return { code: error.code, kind: error.kind, message: error.message, sent: mayHaveArrived(error) };
};

describe('a mail', () => {
  test('arrives as it was written', async () => {
    const receipt = await send({
      to: ['Ann Müller <ann@example.test>', 'bob@example.test'],
      cc: ['cy@example.test'],
      bcc: ['hidden@example.test', 'bob@example.test'],
      reply_to: 'desk@platform.test',
      subject: 'Größe: 5 €',
      html: '<p>Dear <b>Ann</b></p>',
      attachments: [
        { filename: 'añb.txt', content: 'grüße', encoding: 'utf8', content_type: 'text/plain' },
        { filename: '../../etc/passwd', content: Buffer.from([0, 1, 255]).toString('base64'), encoding: 'base64' },
      ],
    });
    expect(receipt).toMatchObject({ accepted: ['ann@example.test', 'bob@example.test', 'cy@example.test', 'hidden@example.test'], rejected: [] });
    expect(receipt.response).toContain('queued as 7');
    const [{ raw, to, from: envelope }] = caught as [(typeof caught)[number]];
    expect({ envelope, to }).toEqual({ envelope: 'agent@platform.test', to: receipt.accepted });
    expect(raw).not.toContain('hidden@example.test');
    const mail = await PostalMime.parse(raw);
    expect(mail).toMatchObject({
      from: { name: 'Agent', address: 'agent@platform.test' },
      to: [{ name: 'Ann Müller', address: 'ann@example.test' }, { address: 'bob@example.test' }],
      subject: 'Größe: 5 €',
      text: 'Dear Ann\n',
      messageId: receipt.message_id,
      replyTo: [{ address: 'desk@platform.test' }],
    });
    expect(mail.html).toContain('<b>Ann</b>');
    expect(mail.attachments.map(({ filename, content }) => [filename, Buffer.from(content as ArrayBuffer).toString('latin1')])).toEqual([
      ['añb.txt', Buffer.from('grüße').toString('latin1')],
      ['.._.._etc_passwd', '\x00\x01ÿ'],
    ]);
  });

  test('has a Message-ID of its key', async () => {
    const [first, same, other] = [await send(), await send(), await send({ key: 'acme/run-2/mail' })];
    expect(same.message_id).toBe(first.message_id);
    expect(other.message_id).not.toBe(first.message_id);
  });

  test('reaches those who can be reached, and tells of the others', async () => {
    expect(await send({ to: ['ann@example.test', 'nobody@example.test'] })).toMatchObject({
      accepted: ['ann@example.test'],
      rejected: [{ address: 'nobody@example.test', reason: expect.stringContaining('no such box') as string }],
    });
  });

  test.each([
    ['a line break in the subject', { subject: 'Hello\r\nBcc: all@example.test' }],
    ['a line separator', { subject: 'Hello\u2028Bcc: x' }],
    ['a line break in an address', { to: ['ann@example.test\r\nBcc: all@example.test'] }],
    ['a line break in a name', { to: ['Ann\nBcc: x <ann@example.test>'] }],
    ['two addresses in one', { to: ['ann@example.test, all@example.test'] }],
    ['an address with a parameter', { to: ['ann@example.test> SIZE=1'] }],
    ['a quoted part', { to: ['"a b"@example.test'] }],
    ['a half bracket', { to: ['Ann <ann@example.test'] }],
    ['a reply address', { reply_to: 'x\r\nBcc: y@z' }],
    ['a file name', { attachments: [{ filename: 'a\r\nb', content: '', encoding: 'utf8' as const }] }],
    ['a content type', { attachments: [{ filename: 'a', content: '', encoding: 'utf8' as const, content_type: 'a/b\r\nX: y' }] }],
    ['nobody', { to: [] }],
    ['too many', { to: Array.from({ length: 101 }, (_, n) => `a${n}@example.test`) }],
    ['too much', { attachments: [{ filename: 'a', content: 'x'.repeat(1_000_000), encoding: 'utf8' as const }] }],
    ['another sender', { from: 'boss@platform.test' }],
  ])('%s is refused before anything is sent', async (_name, mail) => {
    expect(await failed(send(mail))).toMatchObject({ code: 'mail-invalid', kind: 'invalid', sent: false });
    expect(caught).toEqual([]);
  });

  test('cannot bring files or addresses of ours with it', async () => {
    await send({ text: 'cid:x', html: '<img src="file:///etc/passwd"><img src="http://127.0.0.1/">' });
    expect(caught[0]?.raw).not.toContain('root:');
  });
});

describe('a server that', () => {
  test.each([
    ['refuses everybody', { to: ['nobody@example.test'] }, 'mail-refused', false],
    ['wants it later', { to: ['later@example.test'] }, 'mail-deferred', false],
    ['refuses the content', { text: 'VIRUS' }, 'mail-refused', false],
  ])('%s', async (_name, mail, code, sent) => expect(await failed(send(mail))).toMatchObject({ code, sent }));

  test('knows another password', async () => {
    expect(await failed(send({}, `smtp://agent:other-password@127.0.0.1:${port}`))).toMatchObject({ code: 'mail-refused', sent: false });
  });
  test('is away', async () => expect(await failed(send({}, 'smtp://127.0.0.1:1'))).toMatchObject({ code: 'mail-unreachable', kind: 'transient', sent: false }));
  test('takes the mail and is gone before it says so: nobody knows', async () => {
    expect(await failed(send({}, `smtp://127.0.0.1:${silentPort}`))).toMatchObject({ code: 'mail-unreachable', sent: true });
  });
  test('does not encrypt gets no password of a mail', async () => {
    const server = { host: 'mail.example.test', port: 587, user: 'me', password: USER.pass };
    const connect: typeof guarded = (_host, _port, options) => createGuardedConnect({ ports: [], allow: [`127.0.0.1:${port}`] })('127.0.0.1', port, options);
    expect(await failed(send({ server, from: 'me@example.test' }, undefined, connect))).toMatchObject({ sent: false });
    expect(caught).toEqual([]);
  });
});

describe('which servers', () => {
  test('none: a refusal that says what to do', async () => {
    const port = createMailPort({}, guarded);
    const mail = { to: ['a@b.test'], cc: [], bcc: [], subject: '', attachments: [], key: 'k', timeout_ms: 100 };
    expect(await failed(port.send(mail, { signal: new AbortController().signal }))).toMatchObject({
      code: 'mail-not-configured',
      message: expect.stringContaining('AGENT_PLATFORM_SMTP_URL') as string,
    });
  });
  test('one of the mail itself goes through the egress guard', async () => {
    for (const host of [
      '127.0.0.1',
      'localhost',
      '10.0.0.1',
      '169.254.169.254',
      '[::1]',
      '::ffff:127.0.0.1',
      '2130706433',
      'mail.internal',
      '0x7f.1',
      'a b',
      'x@y',
    ])
      expect(await failed(send({ server: { host, port: 587 }, from: 'me@example.test' })), host).toMatchObject({ code: 'egress-denied' });
    expect(await failed(send({ server: { host: 'mail.example.test', port: 22 }, from: 'me@example.test' }))).toMatchObject({ code: 'egress-denied' });
    expect(caught).toEqual([]);
  });
  test('one that the operator lists may be named', async () => {
    const connect = createGuardedConnect({ ports: [25], allow: [`127.0.0.1:${port}`] });
    expect(await send({ server: { host: '127.0.0.1', port }, from: 'me@example.test' }, undefined, connect)).toMatchObject({ accepted: ['ann@example.test'] });
    expect(caught[0]?.from).toBe('me@example.test');
    expect(await failed(send({ server: { host: '127.0.0.1', port } }, undefined, connect))).toMatchObject({ code: 'mail-invalid' });
  });
  test.each(['http://a', 'nonsense', 'smtp://'])('the setting %j ends the start', (url) => {
    expect(() => createMailPort({ AGENT_PLATFORM_SMTP_URL: url, AGENT_PLATFORM_SMTP_FROM: from }, guarded)).toThrow('AGENT_PLATFORM_SMTP_URL');
  });
});
