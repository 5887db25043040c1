import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sql } from 'slonik';
import { z } from 'zod';
import { FileRef } from '@agent-platform/contracts/document/document.events';
import { gatewayRoutes } from '@agent-platform/contracts/gateway/gateway.contract';
import type { Contract } from '@agent-platform/contracts/kit/index';
import { Failure } from '@agent-platform/kernel/index';
import { positionOfProjection } from '@agent-platform/runtime/read';
import { sendFile } from './file-reply.ts';
import type { Gateway } from './gateway.ts';
import { fastifyPath, parametersOf } from './parameters.ts';
import { notFound } from './read-routes.ts';
import { contextOf } from './request-context.ts';
import { installUploadParsers } from './upload-body.ts';
import { mountWriteRoutes } from './write-routes.ts';

const Document = z.object({ search_version: z.number(), file: FileRef.nullable() });
const Row = z.object({ chunk: z.record(z.string(), z.json()), position: z.number() });

/** Writes of documents, which also take files: in a scope with parsers of its own. */
export function mountDocumentWrites(app: FastifyInstance, contract: Contract, gateway: Gateway): void {
  void app.register(async (scope) => {
    installUploadParsers(scope);
    mountWriteRoutes(scope, contract, gateway);
  });
}

/** What is read of documents besides their pages: chunks, and original files. */
export function mountDocumentRoutes(app: FastifyInstance, gateway: Gateway): void {
  const { pool } = gateway;
  const document = async (workspaceId: string, id: string, request: FastifyRequest): Promise<z.output<typeof Document>> => {
    const found = await pool.maybeOne(
      sql.type(Document)`select search_version, file from read_document.documents where workspace_id = ${workspaceId} and id = ${id}`,
    );
    if (found) return found;
    throw notFound(request, workspaceId);
  };

  const { path, params } = gatewayRoutes['document.chunks'];
  app.get(fastifyPath(path), async (request) => {
    const { workspace_id } = contextOf(request);
    const { document_id, index_version, limit, cursor, read_after } = parametersOf(params, request);
    if (read_after !== undefined) await gateway.waitFor('document', read_after);
    const position = await positionOfProjection(pool, 'document');
    const { search_version } = await document(workspace_id, document_id, request);
    const version = index_version ?? search_version;
    const rows = await pool.any(sql.type(Row)`
      select position, jsonb_build_object('id', id, 'document_id', document_id, 'index_version', index_version, 'position', position, 'start', start_at,
        'end', end_at, 'heading', heading, 'page', page, 'tokens', tokens, 'text', text, 'chunker_version', chunker_version,
        'embedding_space', embedding_space, 'dimensions', dimensions) as chunk
      from read_document.chunks where workspace_id = ${workspace_id} and document_id = ${document_id} and index_version = ${version}
        and position > ${cursor === undefined ? -1 : Number(cursor)}
      order by position limit ${limit + 1}`);
    const shown = rows.slice(0, limit);
    const next_cursor = rows.length > limit ? String(shown.at(-1)?.position) : null;
    return { items: shown.map(({ chunk }) => chunk), next_cursor, index_version: version, position };
  });

  const file = gatewayRoutes['document.file'];
  app.get(fastifyPath(file.path), async (request, reply) => {
    const { workspace_id } = contextOf(request);
    const { document_id } = parametersOf(file.params, request);
    const found = await document(workspace_id, document_id, request);
    if (found.file === null)
      throw new Failure('missing', 'document-without-file', `Document "${document_id}" has no file: it was given as a text, or not fetched yet.`);
    return sendFile(reply, await gateway.files.load(workspace_id, found.file.sha256), found.file);
  });
}
