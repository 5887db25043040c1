import pc from 'picocolors';
import { z } from 'zod';
import type { DemoEvent } from './events.ts';

const Node = z.object({ node_id: z.string(), node_type: z.string() });
const Completed = z.object({
  output_text: z.string().nullish(),
  output_json: z.unknown(),
  route: z.string().optional(),
  state_updates: z.record(z.string(), z.unknown()).optional(),
});
const Retry = z.object({ attempt: z.int(), error: z.object({ message: z.string() }) });
const Documents = z.object({ retrieved_documents: z.array(z.object({ title: z.string() })) });
const Response = z.object({ response: z.object({ json: z.record(z.string(), z.unknown()) }) });
const Failed = z.object({ error: z.object({ message: z.string() }) });

const WIDTH = 74;
const ENDED: ReadonlySet<string> = new Set(['node.completed', 'node.skipped', 'node.failed']);

/** Tells, line by line, what happens to each ticket. */
export interface Timeline {
  show(ticket: string, event: DemoEvent): void;
}

/** @param nodes of the workflow: what a ticket's progress is counted against */
export function createTimeline(nodes: number, print: (line: string) => void): Timeline {
  const started = performance.now();
  const ended = new Map<string, number>();
  return {
    show(ticket, event) {
      if (ENDED.has(event.type)) ended.set(ticket, (ended.get(ticket) ?? 0) + 1);
      const told = lineOf(event);
      if (!told) return;
      const seconds = `${((performance.now() - started) / 1000).toFixed(1)}s`;
      const progress = `${ended.get(ticket) ?? 0}/${nodes}`;
      print(`${pc.dim(seconds.padStart(6))}  ${pc.bold(ticket)}  ${pc.dim(progress)}  ${pc.cyan(told.who.padEnd(9))} ${told.colour(short(told.what))}`);
    },
  };
}

interface Told {
  readonly who: string;
  readonly what: string;
  readonly colour: (text: string) => string;
}

const plain = (text: string): string => text;

function lineOf({ type, data, actor }: DemoEvent): Told | null {
  const node = Node.safeParse(data).data;
  switch (type) {
    case 'run.created':
      return { who: 'run', what: `created by ${actor}`, colour: pc.dim };
    case 'node.completed':
      return { who: node?.node_id ?? '', what: outcome(node?.node_type ?? '', Completed.parse(data)), colour: plain };
    case 'node.retry_scheduled': {
      const { attempt, error } = Retry.parse(data);
      return { who: node?.node_id ?? '', what: `attempt ${attempt} follows: ${error.message.replace(/https?:\/\/[^/]+/, '')}`, colour: pc.yellow };
    }
    case 'node.waiting':
      return { who: node?.node_id ?? '', what: 'waits for a person', colour: pc.yellow };
    case 'human_task.claimed':
      return { who: 'person', what: `${String(data['claimed_by'])} takes the task`, colour: pc.magenta };
    case 'human_task.approved':
    case 'human_task.rejected':
      return { who: 'person', what: `${String(data['completed_by'])}: ${String(data['status'])}`, colour: pc.magenta };
    case 'run.completed':
      return { who: 'run', what: 'completed', colour: pc.green };
    case 'run.failed':
      return { who: 'run', what: `failed: ${Failed.parse(data).error.message}`, colour: pc.red };
    default:
      return null;
  }
}

function outcome(nodeType: string, { output_text, output_json, route, state_updates }: z.output<typeof Completed>): string {
  const documents = Documents.safeParse(output_json).data;
  if (documents) return documents.retrieved_documents.map(({ title }) => title).join(', ');
  const response = Response.safeParse(output_json).data;
  if (response)
    return Object.entries(response.response.json)
      .map(([key, value]) => `${key}: ${String(value)}`)
      .join(', ');
  if (state_updates)
    return Object.entries(state_updates)
      .map(([key, value]) => `${key} = ${String(value)}`)
      .join(', ');
  if (route !== undefined) return `→ ${route}`;
  return nodeType === 'answer' ? 'written' : (output_text ?? 'done');
}

function short(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= WIDTH ? line : `${line.slice(0, WIDTH - 1)}…`;
}
