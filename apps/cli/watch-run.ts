import type { EventEnvelope } from '@agent-platform/contracts/kit/index';
import type { Context } from './context.ts';
import { EXIT, type ExitCode } from './exit.code.ts';
import { followRun } from './follow-run.ts';
import { Timeline } from './timeline.ts';

/** Shows a run as it goes on, to its end. In json and jsonl each event is a line. Answers the exit code of the run. */
export async function watchRun(context: Context, runId: string): Promise<ExitCode> {
  const { gateway, terminal, format, print } = context;
  let timeline: Timeline | null = null;
  let last: EventEnvelope | null = null;
  // A line that changes in place, below the story; only where somebody looks.
  const status = (text: string) => terminal.interactive && format === 'table' && terminal.stdout(`\r\u001b[K${text}`);
  for await (const event of followRun(gateway, runId, 0, terminal.interrupted)) {
    last = event;
    if (format !== 'table') {
      print(JSON.stringify(event));
      continue;
    }
    timeline ??= new Timeline(context.colors, await nodesOf(context, event));
    status('');
    for (const line of timeline.lines(event)) print(line);
    status(timeline.status());
  }
  status('');
  return exitOf(last);
}

function exitOf(last: EventEnvelope | null): ExitCode {
  if (last?.type === 'run.completed') return EXIT.ok;
  return last?.type === 'run.failed' || last?.type === 'run.cancelled' ? EXIT.runFailed : EXIT.ok;
}

/** How many nodes the run's workflow has; 0 when that can't be known. The story goes on without. */
async function nodesOf({ gateway }: Context, created: EventEnvelope): Promise<number> {
  const pinned = created.data['workflow'] as { readonly workflow_version_id?: string } | undefined;
  if (pinned?.workflow_version_id === undefined) return 0;
  const version = await gateway.get(`/workflows/versions/${encodeURIComponent(pinned.workflow_version_id)}`).catch(() => null);
  const nodes = (version?.['definition'] as { readonly nodes?: unknown } | undefined)?.nodes;
  return Array.isArray(nodes) ? nodes.length : 0;
}
