import { setTimeout as pause } from 'node:timers/promises';
import { CliError } from './cli.error.ts';
import type { Context } from './context.ts';
import { EXIT } from './exit.code.ts';

const LOOKS = 4;
const PAUSE_MS = 150;

/**
 * Does something with a workflow that a person named by id or code: first with the name as an id, then, when there is
 * none, with the id behind the code. Throws CliError `missing` when there is neither.
 */
export async function withWorkflow<T>({ gateway, workspace, curl }: Context, name: string, work: (id: string) => Promise<T>): Promise<T> {
  try {
    return await work(name);
  } catch (error) {
    // What is shown as curl is the request that was asked for; and an id that no workflow can have may still be a code.
    if (curl || !(error instanceof CliError) || (error.problem.status !== 404 && error.problem.status !== 400)) throw error;
    const id = await idOf(gateway, name);
    if (id !== null) return work(id);
    if (error.problem.status === 400) throw error;
    const detail = `There is no workflow with the id or code "${name}" in workspace "${workspace}". "ap workflow list" shows what there is.`;
    throw new CliError({ ...error.problem, detail }, EXIT.missing, error);
  }
}

/** Looks again a few times: codes are found in a read model, which follows the log by a moment. */
async function idOf(gateway: Context['gateway'], code: string): Promise<string | null> {
  for (let look = 1; ; look++) {
    const { items } = await gateway.list('/workflows', { code, limit: 1 });
    if (items[0]) return String(items[0]['id']);
    if (look === LOOKS) return null;
    await pause(PAUSE_MS);
  }
}
