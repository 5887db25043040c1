import { CliError } from './cli.error.ts';
import type { Context } from './context.ts';
import { EXIT } from './exit.code.ts';

/** Id of the workflow that a person named by id or code. Throws CliError `missing` when there is neither. */
export async function workflowId({ gateway, workspace, curl }: Context, name: string): Promise<string> {
  // What is shown as curl is the request that was asked for, not the question before it.
  if (curl) return name;
  try {
    return String((await gateway.get(`/workflows/${encodeURIComponent(name)}`))['id']);
  } catch (error) {
    // An id that no workflow can have may still be a code: codes take a dot.
    if (!(error instanceof CliError) || (error.exit !== EXIT.missing && error.problem.status !== 400)) throw error;
  }
  const { items } = await gateway.list('/workflows', { code: name, limit: 1 });
  if (items[0]) return String(items[0]['id']);
  throw new CliError(
    { title: 'Not found', code: 'workflow-not-found', detail: `There is no workflow with the id or code "${name}" in workspace "${workspace}". "ap workflow list" shows what there is.` },
    EXIT.missing,
  );
}
