import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Failure } from '@agent-platform/kernel/index';
import type { AnyNode } from '@agent-platform/nodes/node';

/** Loads node types of one's own: each module exports `nodes`, a list of node definitions. Throws Failure('invalid', 'bad-node-module'). */
export async function loadNodeModules(paths: readonly string[]): Promise<readonly AnyNode[]> {
  const lists = await Promise.all(
    paths.map(async (path) => {
      const loaded = (await import(pathToFileURL(isAbsolute(path) ? path : resolve(path)).href)) as { readonly nodes?: unknown };
      if (Array.isArray(loaded.nodes) && loaded.nodes.every(isNode)) return loaded.nodes;
      throw new Failure(
        'invalid',
        'bad-node-module',
        `${path} must export "nodes", a list of node definitions with types, kind and config (AGENT_PLATFORM_NODES).`,
      );
    }),
  );
  return lists.flat();
}

const isNode = (value: unknown): value is AnyNode => typeof value === 'object' && value !== null && 'types' in value && 'config' in value && 'kind' in value;
