import { describe, expect, it } from 'vitest';
import { failed, serve, toLocal } from './testing/local-servers.ts';

describe('attack corpus C2: redirects', () => {
  const redirecting = (status: number, location: string) => serve((_request, response) => response.writeHead(status, { location }).end());

  it.each([
    'http://169.254.169.254/latest',
    'http://10.0.0.1/',
    'file:///etc/passwd',
    '//localhost/',
    'http://2130706433/',
    'gopher://x/',
    'http://u@example.com/',
    'http://0177.0.0.1/',
  ])('to %s: denied, and known to be sent', async (location) => {
    const p = await redirecting(302, location);
    expect(await failed(toLocal([p])({ url: `http://127.0.0.1:${p}/` }))).toEqual({ code: 'egress-denied', kind: 'invalid', sent: true });
  });

  it('follows three, not four, and ends loops', async () => {
    const p = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end('there');
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    const send = toLocal([p]);
    expect((await send({ url: `http://127.0.0.1:${p}/3` })).text).toBe('there');
    expect(await failed(send({ url: `http://127.0.0.1:${p}/4` }))).toEqual({ code: 'redirect-refused', kind: 'invalid', sent: true });
    const loop = await redirecting(307, '/');
    expect(await failed(toLocal([loop])({ url: `http://127.0.0.1:${loop}/` }))).toMatchObject({ code: 'redirect-refused' });
  });

  it('drops every credential when the origin changes and keeps them when it does not', async () => {
    const echo = await serve((request, response) => response.end(JSON.stringify(request.headers)));
    const p = await serve((request, response) => {
      if (request.url === '/same') response.writeHead(302, { location: '/echo' }).end();
      else if (request.url === '/echo') response.end(JSON.stringify(request.headers));
      else response.writeHead(302, { location: `http://127.0.0.1:${echo}/` }).end();
    });
    const send = toLocal([p, echo]);
    const headers = { authorization: 'Bearer s3cret', cookie: 's3cret', 'x-my-key': 's3cret', accept: 'text/x' };
    const crossed = (await send({ url: `http://127.0.0.1:${p}/`, headers })).text;
    expect(crossed).not.toContain('s3cret');
    expect(crossed).toContain('text/x');
    expect((await send({ url: `http://127.0.0.1:${p}/same`, headers })).text.match(/s3cret/g)).toHaveLength(3);
  });

  it('turns a POST into a GET for 302 and 303, keeps it for 307, and never takes the body across', async () => {
    const echo = await serve((request, response) => response.end(request.method));
    const p = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        const [, status, where] = (request.url ?? '').split('/');
        if (status === 'end') response.end(`${request.method}:${body}:${request.headers['content-type'] ?? ''}`);
        else response.writeHead(Number(status), { location: where === 'away' ? `http://127.0.0.1:${echo}/` : '/end' }).end();
      });
    });
    const send = toLocal([p, echo]);
    const post = (path: string) => send({ url: `http://127.0.0.1:${p}${path}`, method: 'POST', body: 'x', headers: { 'content-type': 'text/plain' } });
    expect((await post('/302')).text).toBe('GET::');
    expect((await post('/303')).text).toBe('GET::');
    expect((await post('/307')).text).toBe('POST:x:text/plain');
    expect((await post('/303/away')).text).toBe('GET');
    expect(await failed(post('/307/away'))).toEqual({ code: 'redirect-refused', kind: 'invalid', sent: true });
  });

  it('answers a redirect without a location as it is', async () => {
    const p = await serve((_request, response) => response.writeHead(302).end('nowhere'));
    expect(await toLocal([p])({ url: `http://127.0.0.1:${p}/` })).toMatchObject({ status: 302, text: 'nowhere' });
  });
});
