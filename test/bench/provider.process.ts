/** A provider that answers at once: its own process, so that what it costs is on no one else's account. Says where it listens. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const TOKENS = 200;
const TOKEN_EVERY_MS = 2;
const usage = { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 };
const whole = JSON.stringify({ id: '1', model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }], usage });

const server = createServer((request, response) => {
  let text = '';
  request.on('data', (part: Buffer) => (text += part.toString()));
  request.on('end', () => {
    if (!text.includes('"stream":true')) return void response.writeHead(200, { 'content-type': 'application/json' }).end(whole);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let sent = 0;
    // A token is the instant it was written at.
    const next = (): void => {
      if (sent++ >= TOKENS) return void response.end('data: [DONE]\n\n');
      response.write(`data: {"id":"1","model":"m","choices":[{"index":0,"delta":{"content":"${process.hrtime.bigint()}"}}]}\n\n`);
      setTimeout(next, TOKEN_EVERY_MS);
    };
    next();
  });
}).listen(0, '127.0.0.1', () => process.stdout.write(`{"msg":"ready","url":"http://127.0.0.1:${(server.address() as AddressInfo).port}/v1"}\n`));
