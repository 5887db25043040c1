import type { FastifyInstance } from 'fastify';
import { LIMITS } from '@agent-platform/contracts/kit/index';
import { isRejection, rejectionToFailure } from '@agent-platform/kernel/index';
import { parseJson } from '@agent-platform/kernel/json-text';

/** Bodies by content type. JSON is read with the same limits as on NATS: size, depth, duplicate keys, unsafe numbers. */
export function installBodyParsers(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(['application/json', 'application/problem+json'], { parseAs: 'buffer' }, (_request, body: Buffer, done) => {
    if (body.length === 0) return done(null, undefined);
    const parsed = parseJson(body, { maxBytes: LIMITS.commandBytes, maxDepth: LIMITS.jsonDepth });
    return isRejection(parsed) ? done(rejectionToFailure(parsed)) : done(null, parsed.value);
  });
  app.addContentTypeParser(['application/yaml', 'text/yaml', 'application/x-yaml', 'text/plain'], { parseAs: 'string' }, (_request, body, done) => done(null, body));
}
