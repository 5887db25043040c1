import type { FastifyInstance } from 'fastify';
import { sql } from 'slonik';
import { z } from 'zod';
import { gatewayRoutes } from '@agent-platform/contracts/gateway/gateway.contract';
import type { Contract } from '@agent-platform/contracts/kit/index';
import { SkillFiles, SkillResources } from '@agent-platform/contracts/skill/implementation';
import { Failure } from '@agent-platform/kernel/index';
import { sendFile } from './file-reply.ts';
import type { Gateway } from './gateway.ts';
import { fastifyPath, parametersOf } from './parameters.ts';
import { notFound } from './read-routes.ts';
import { contextOf } from './request-context.ts';
import { installUploadParsers } from './upload-body.ts';
import { mountWriteRoutes } from './write-routes.ts';

const Folder = z.object({ manifest: z.string().nullable(), files: SkillFiles.nullable(), resources: SkillResources.nullable() });

/** Writes of skills, which also take folders: in a scope with parsers of its own. */
export function mountSkillWrites(app: FastifyInstance, contract: Contract, gateway: Gateway): void {
  void app.register(async (scope) => {
    installUploadParsers(scope, { types: /^application\/(zip|x-zip-compressed|octet-stream)\s*($|;)/i, remedy: 'send JSON, a form, or a zip archive' });
    mountWriteRoutes(scope, contract, gateway);
  });
}

/** Files of the folders that skills were imported from. */
export function mountSkillRoutes(app: FastifyInstance, { pool, waitFor, files }: Gateway): void {
  const { path: url, params } = gatewayRoutes['skill.file'];
  app.get(fastifyPath(url), async (request, reply) => {
    const { workspace_id } = contextOf(request);
    const { skill_version_id, path, read_after } = parametersOf(params, request);
    if (read_after !== undefined) await waitFor('skill', read_after);
    const folder = await pool.maybeOne(sql.type(Folder)`
      select implementation_json ->> 'manifest' as manifest, implementation_json -> 'files' as files, implementation_json -> 'resources' as resources
      from read_skill.skill_versions where workspace_id = ${workspace_id} and id = ${skill_version_id}`);
    if (!folder) throw notFound(request, workspace_id);
    const name = path.split('/').at(-1) ?? path;
    const text = path === 'SKILL.md' ? folder.manifest : ownOf(folder.files, path);
    if (typeof text === 'string') return sendFile(reply, Buffer.from(text), { name });
    const resource = ownOf(folder.resources, path);
    if (!resource)
      throw new Failure('missing', 'skill-file-missing', `Version "${skill_version_id}" has no file "${path}": implementation_json of the version lists them.`);
    return sendFile(reply, await files.load(workspace_id, resource.sha256), { name, sha256: resource.sha256 });
  });
}

const ownOf = <T>(record: Readonly<Record<string, T>> | null, key: string): T | undefined => (record && Object.hasOwn(record, key) ? record[key] : undefined);
