import { setTimeout as pause } from 'node:timers/promises';
import { Code, Id } from '@agent-platform/contracts/kit/index';
import { CliError } from './cli.error.ts';
import type { Context } from './context.ts';
import { EXIT } from './exit.code.ts';

const LOOKS = 4;
const PAUSE_MS = 150;

/** What the log and the read model say when there is no workflow of an id; other problems are told as they are. */
const NO_WORKFLOW: ReadonlySet<string | undefined> = new Set(['workflow-not-found', 'not-found']);

/**
 * Does something with a workflow that a person named by id or code: first with the name as an id, then, when there is
 * none, with the id behind the code. Throws CliError `missing` when there is neither.
 */
export async function withWorkflow<T>({ gateway, workspace, curl }: Context, name: string, work: (id: string) => Promise<T>): Promise<T> {
  // What is shown as curl is the request that was asked for, not the question before it. A code may be what no id can be.
  if (curl || Id.safeParse(name).success) {
    try {
      return await work(name);
    } catch (error) {
      if (!(error instanceof CliError) || !NO_WORKFLOW.has(error.problem.code)) throw error;
    }
  }
  const id = await idOf(gateway, name);
  if (id !== null) return work(id);
  const detail = `There is no workflow with the id or code "${name}" in workspace "${workspace}". "ap workflow list" shows what there is.`;
  throw new CliError({ title: 'Not found', code: 'workflow-not-found', detail }, EXIT.missing);
}

/** Looks again a few times: codes are found in a read model, which follows the log by a moment. */
async function idOf(gateway: Context['gateway'], code: string): Promise<string | null> {
  if (!Code.safeParse(code).success) return null;
  for (let look = 1; ; look++) {
    const { items } = await gateway.list('/workflows', { code, limit: 1 });
    if (items[0]) return String(items[0]['id']);
    if (look === LOOKS) return null;
    await pause(PAUSE_MS);
  }
}
