import { readFile } from 'node:fs/promises';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Failure } from '@agent-platform/kernel/index';
import { docsPage, OpenApi } from './docs-page.ts';
import { FREE } from './pressure.ts';

const GENERATED = new URL('../../contracts/generated/', import.meta.url);

/** The documents generated from the contracts, and a page to read them. */
export function mountDocs(app: FastifyInstance): void {
  for (const name of ['openapi.json', 'asyncapi.json']) {
    app.get(`/${name}`, FREE, async (_request, reply) => reply.type('application/json; charset=utf-8').send(await generated(name)));
  }
  let page: Promise<string> | undefined;
  const html = async (reply: FastifyReply) => {
    page ??= generated('openapi.json').then((text) => docsPage(OpenApi.parse(JSON.parse(text))));
    // Nothing from elsewhere, and no script: the page is text.
    return reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
      .send(await page);
  };
  // Who opens the address in a browser finds the way.
  app.get('/', FREE, (_request, reply) => reply.redirect('/docs'));
  for (const path of ['/docs', '/redoc']) app.get(path, FREE, (_request, reply) => html(reply));
}

const generated = (name: string): Promise<string> =>
  readFile(new URL(name, GENERATED), 'utf8').catch((cause: unknown) => {
    throw new Failure('missing', 'document-not-generated', `contracts/generated/${name} is not there; make it with "npm run generate".`, { cause });
  });
