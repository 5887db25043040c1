import type { Command } from 'commander';
import { usage } from './cli.error.ts';
import { act, type Context, examples, type Terminal } from './context.ts';
import { parseDocumentText, readText } from './document.file.ts';
import type { Json } from './gateway.client.ts';
import { count, jsonObject, keyValue } from './option.value.ts';
import type { Column } from './output.ts';
import { readAfter } from './read-after.ts';
import { watchRun } from './watch-run.ts';
import { withWorkflow } from './workflow.id.ts';

const RUN: readonly Column[] = [
  ['Run', 'id'],
  ['Status', 'status'],
  ['Workflow', 'workflow_id'],
  ['Version', 'workflow_version_id'],
  ['Input', 'input'],
  ['Output', 'output_text'],
  ['Result', 'output_json'],
  ['Error', 'error'],
  ['Created', 'created_at'],
  ['Ended', 'ended_at'],
];
const RUNS: readonly Column[] = [
  ['ID', 'id'],
  ['STATUS', 'status'],
  ['WORKFLOW', 'workflow_id'],
  ['CREATED', 'created_at'],
  ['ENDED', 'ended_at'],
  ['OUTPUT', 'output_text'],
  ['ERROR', 'error'],
];
const NODES: readonly Column[] = [
  ['NODE', 'node_id'],
  ['TYPE', 'node_type'],
  ['STATUS', 'status'],
  ['ATTEMPT', 'attempt'],
  ['STARTED', 'started_at'],
  ['ENDED', 'ended_at'],
  ['OUTPUT', 'output_text'],
  ['ERROR', 'error_message'],
];

interface StartOptions {
  readonly input?: Json;
  readonly inputJson?: Json;
  readonly file?: string;
  readonly version?: string;
  readonly wait?: boolean;
}

const at = (runId: string): string => `/runtime/runs/${encodeURIComponent(runId)}`;

/** `ap run …` */
export function addRunCommands(program: Command, terminal: Terminal): void {
  const run = program.command('run').description('Start, watch and steer runs');
  examples(run, 'ap run start support --input ticket="My invoice is wrong" --wait', 'ap run list --status running');

  examples(
    run
      .command('start <workflow>')
      .description('Start a run of a workflow, named by its id or code')
      .option('-i, --input <key=value>', 'one field of the input; may be repeated', keyValue)
      .option('--input-json <json>', 'the whole input', jsonObject)
      .option('-f, --file <path>', 'the whole input from a JSON or YAML file; - reads standard input')
      .option('--version <id>', 'workflow version; without it the published one')
      .option('-w, --wait', 'show what happens until the run ends; exit code 6 when it fails')
      .action(act<[string], StartOptions>(terminal, start)),
    'ap run start support --input ticket="My invoice is wrong" --wait',
    'ap run start support --input-json \'{"ticket": "My invoice is wrong"}\'',
    'ap run start support --file input.yaml -o json',
  );

  examples(
    run
      .command('list')
      .description('Runs, newest first')
      .option('-s, --status <status>', 'created, running, completed, failed or cancelled')
      .option('--workflow <id>', 'of one workflow')
      .option('-n, --limit <n>', 'at most so many', count, 20)
      .option('--cursor <cursor>', 'go on after an earlier page')
      .action(
        act<[], { status?: string; workflow?: string; limit: number; cursor?: string }>(terminal, async (context, { status, workflow, limit, cursor }) => {
          context.printList(await context.gateway.list('/runtime/runs', { status, workflow_id: workflow, limit, cursor }), RUNS);
        }),
      ),
    'ap run list --status failed',
    'ap run list -n 100 -o jsonl',
  );

  examples(
    run.command('show <run>').description('One run with its nodes').action(act<[string]>(terminal, show)),
    'ap run show 0198c2f0-7d1a-7c3e-9f00-1c2d3e4f5a6b',
    'ap run show 0198c2f0-7d1a-7c3e-9f00-1c2d3e4f5a6b -o json',
  );
  examples(
    run
      .command('watch <run>')
      .description('What happens in a run, from its beginning to its end; exit code 6 when it fails')
      .action(act<[string]>(terminal, (context, _options, id) => watchRun(context, id))),
    'ap run watch 0198c2f0-7d1a-7c3e-9f00-1c2d3e4f5a6b',
    'ap run watch 0198c2f0-7d1a-7c3e-9f00-1c2d3e4f5a6b -o jsonl',
  );

  examples(
    run
      .command('cancel <run>')
      .description('Cancel a run: no further node starts')
      .option('--reason <text>', 'why')
      .action(
        act<[string], { reason?: string }>(terminal, async (context, { reason }, id) =>
          context.printItem(await context.gateway.post(`${at(id)}/cancel`, { ...(reason !== undefined && { reason }) }), RUN),
        ),
      ),
    'ap run cancel 0198c2f0-7d1a-7c3e-9f00-1c2d3e4f5a6b --reason "customer withdrew"',
  );

  examples(
    run
      .command('signal <run> <name>')
      .description('Send a signal to a run, for a node that waits for it')
      .option('--payload-json <json>', 'what the node gets', jsonObject, {})
      .action(
        act<[string, string], { payloadJson: Json }>(terminal, async (context, { payloadJson }, id, name) =>
          context.printItem(await context.gateway.post(`${at(id)}/signal`, { name, payload_json: payloadJson }), RUN),
        ),
      ),
    'ap run signal 0198c2f0-7d1a-7c3e-9f00-1c2d3e4f5a6b paid --payload-json \'{"amount": 12}\'',
  );

  examples(
    run
      .command('resolve <run> <node>')
      .description('Say what became of a node whose outcome is unknown')
      .requiredOption('--as <resolution>', 'completed, failed or retry')
      .option('--output-json <json>', 'with completed: what the node gives', jsonObject)
      .option('--reason <text>', 'how you know')
      .action(
        act<[string, string], { as: string; outputJson?: Json; reason?: string }>(terminal, async (context, { as, outputJson, reason }, id, node) => {
          const body = { resolution: as, ...(outputJson && { output_json: outputJson }), ...(reason !== undefined && { reason }) };
          context.printItem(await context.gateway.post(`${at(id)}/nodes/${encodeURIComponent(node)}/resolve`, body), RUN);
        }),
      ),
    'ap run resolve 0198c2f0-7d1a-7c3e-9f00-1c2d3e4f5a6b charge --as completed --output-json \'{"charged": true}\'',
  );
}

async function start(context: Context, options: StartOptions, workflow: string): Promise<number | void> {
  // What is wrong with the command line itself is told before anybody is asked.
  const input = await inputOf(options);
  const body = { input, ...(options.version !== undefined && { workflow_version_id: options.version }) };
  const run = await withWorkflow(context, workflow, (id) => context.gateway.post(`/workflows/${encodeURIComponent(id)}/runs`, body));
  if (!options.wait) return context.printItem(run, RUN);
  if (context.format === 'table') context.print(`${context.colors.dim('Run')}  ${String(run['id'])}`);
  return watchRun(context, String(run['id']));
}

async function inputOf({ input, inputJson, file }: StartOptions): Promise<Json> {
  const given = [input, inputJson, file].filter((one) => one !== undefined);
  if (given.length > 1) throw usage('Give the input once: with --input (repeated), --input-json or --file.');
  if (file === undefined) return inputJson ?? input ?? {};
  const value = parseDocumentText(await readText(file === '-' ? '/dev/stdin' : file), file);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw usage(`${file} must hold an object: the fields of the input.`);
  return value as Json;
}

async function show(context: Context, _options: object, id: string): Promise<void> {
  const fresh = context.curl ? {} : await readAfter(context.gateway, 'run', id);
  const run = await context.gateway.get(at(id), fresh);
  const nodes = await context.gateway.list(`${at(id)}/node-runs`, { limit: 500 });
  if (context.format !== 'table') return context.printItem({ ...run, nodes: nodes.items }, RUN);
  context.printItem(run, RUN);
  context.print('');
  context.printList(nodes, NODES);
}
