import type { Command } from 'commander';
import { usage } from './cli.error.ts';
import { act, type Context, examples, type Terminal } from './context.ts';
import type { Json } from './gateway.client.ts';
import { count, jsonObject } from './option.value.ts';
import type { Column } from './output.ts';
import { readAfter } from './read-after.ts';

const TASK: readonly Column[] = [
  ['Task', 'id'],
  ['Type', 'task_type'],
  ['Title', 'title'],
  ['Description', 'description'],
  ['Status', 'status'],
  ['Run', 'run_id'],
  ['Assigned', 'assigned_to'],
  ['Claimed', 'claimed_by'],
  ['Asked', 'request_payload_json'],
  ['Answer', 'response_payload_json'],
  ['By', 'completed_by'],
  ['Due', 'due_at'],
];
const TASKS: readonly Column[] = [
  ['ID', 'id'],
  ['TYPE', 'task_type'],
  ['STATUS', 'status'],
  ['TITLE', 'title'],
  ['ASSIGNED', 'assigned_to'],
  ['RUN', 'run_id'],
  ['DUE', 'due_at'],
];

interface CompleteOptions {
  readonly approve?: boolean;
  readonly reject?: boolean;
  readonly payloadJson: Json;
  readonly by?: string;
}

const at = (id: string): string => `/human/tasks/${encodeURIComponent(id)}`;

/** `ap task …` */
export function addTaskCommands(program: Command, terminal: Terminal): void {
  const task = program.command('task').description('What people are asked for');
  examples(task, 'ap task list', 'ap task complete 0198c2f0-7d1a-7c3e-9f00-1c2d3e4f5a6b --approve');

  examples(
    task
      .command('list')
      .description('Tasks, newest first; without --status those that wait')
      .option('-s, --status <status>', 'pending, claimed, approved, rejected, cancelled, expired or all', 'pending')
      .option('--run <id>', 'of one run')
      .option('--assigned-to <name>', 'of one person')
      .option('-n, --limit <n>', 'at most so many', count, 50)
      .action(
        act<[], { status: string; run?: string; assignedTo?: string; limit: number }>(terminal, async (context, { status, run, assignedTo, limit }) => {
          const query = { status: status === 'all' ? undefined : status, run_id: run, assigned_to: assignedTo, limit };
          context.printList(await context.gateway.list('/human/tasks', query), TASKS);
        }),
      ),
    'ap task list',
    'ap task list --status all --assigned-to ops-1 -o json',
  );
  examples(
    task
      .command('show <task>')
      .description('One task, with what is asked')
      .action(
        act<[string]>(terminal, async (context, _options, id) => {
          const fresh = context.curl ? {} : await readAfter(context.gateway, 'human_task', id);
          context.printItem(await context.gateway.get(at(id), fresh), TASK);
        }),
      ),
    'ap task show 0198c2f0-7d1a-7c3e-9f00-1c2d3e4f5a6b',
  );
  examples(
    task
      .command('claim <task>')
      .description('Take a task, so that nobody else does')
      .requiredOption('--by <name>', 'who takes it')
      .action(
        act<[string], { by: string }>(terminal, async (context, { by }, id) =>
          context.printItem(await context.gateway.post(`${at(id)}/claim`, { claimed_by: by }), TASK),
        ),
      ),
    'ap task claim 0198c2f0-7d1a-7c3e-9f00-1c2d3e4f5a6b --by ops-1',
  );
  examples(
    task
      .command('complete <task>')
      .description('Answer a task; the run that waits for it goes on')
      .option('--approve', 'yes, or: here is what was asked for')
      .option('--reject', 'no')
      .option('--payload-json <json>', 'the answer', jsonObject, {})
      .option('--by <name>', 'who answers; without it the caller')
      .action(act<[string], CompleteOptions>(terminal, complete)),
    'ap task complete 0198c2f0-7d1a-7c3e-9f00-1c2d3e4f5a6b --approve',
    'ap task complete 0198c2f0-7d1a-7c3e-9f00-1c2d3e4f5a6b --reject --by ops-1 --payload-json \'{"reason": "too much"}\'',
  );
}

async function complete(context: Context, { approve, reject, payloadJson, by }: CompleteOptions, id: string): Promise<void> {
  if ((approve === true) === (reject === true)) throw usage('Say either --approve or --reject.');
  const body = { status: approve ? 'approved' : 'rejected', response_payload_json: payloadJson, ...(by !== undefined && { completed_by: by }) };
  context.printItem(await context.gateway.post(`${at(id)}/complete`, body), TASK);
}
