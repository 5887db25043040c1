import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Failure } from '@agent-platform/kernel/index';
import type { AnyNode } from '@agent-platform/nodes/node';

/** Loads node types of one's own: each module exports `nodes`, a list of node definitions. Throws Failure('invalid', 'bad-node-module'). */
export async function loadNodeModules(paths: readonly string[]): Promise<readonly AnyNode[]> {
  const lists = await Promise.all(
    paths.map(async (path) => {
      const loaded = await load(isAbsolute(path) ? path : resolve(path));
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

async function load(path: string): Promise<{ readonly nodes?: unknown }> {
  try {
    return (await import(pathToFileURL(path).href)) as { readonly nodes?: unknown };
  } catch (cause) {
    const { code, message, stack } = cause as NodeJS.ErrnoException;
    // Where the module itself is wrong its author needs the place.
    const reason = code === 'ERR_MODULE_NOT_FOUND' ? message : (stack ?? String(cause));
    throw new Failure('invalid', 'bad-node-module', `AGENT_PLATFORM_NODES: ${path} can't be loaded. Correct the path or the module. ${reason}`, { cause });
  }
}

const isNode = (value: unknown): value is AnyNode => typeof value === 'object' && value !== null && 'types' in value && 'config' in value && 'kind' in value;
