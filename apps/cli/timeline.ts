import type { Colors } from './colors.ts';
import type { EventEnvelope } from '@agent-platform/contracts/kit/index';
import { cell, durationText, shorten } from './cell.text.ts';

/** A run as a story: one line for each thing that happened, with the time since its beginning and how far it is. */
export class Timeline {
  readonly #colors: Colors;
  /** Nodes of the workflow; 0 while unknown. */
  readonly #total: number;
  readonly #started = new Map<string, number>();
  readonly #running = new Set<string>();
  #done = 0;
  #begin = 0;
  #now = 0;

  constructor(colors: Colors, total: number) {
    this.#colors = colors;
    this.#total = total;
  }

  /** Lines for an event; none for those that say nothing to people. */
  lines(event: EventEnvelope): readonly string[] {
    this.#now = Date.parse(event.time);
    this.#begin ||= this.#now;
    const line = this.#line(event);
    return line === null ? [] : [this.#stamp() + line];
  }

  /** What goes on now, for the last line of a terminal. */
  status(): string {
    const what = this.#running.size === 0 ? '' : `running ${[...this.#running].join(', ')}`;
    return `${this.#progress()} ${shorten(what, 60)}`.trim();
  }

  #line({ type, data }: EventEnvelope): string | null {
    const c = this.#colors;
    const text = (name: string, length = 70) => shorten(plain(data[name]), length);
    const node = plain(data['node_id']);
    const kind = plain(data['node_type']);
    const label = `${c.bold(node.padEnd(16))} ${c.dim(kind.padEnd(18))}`;
    const attempt = Number(data['attempt'] ?? 1);
    switch (type) {
      case 'run.created':
        return `${c.cyan('●')} run created        ${c.dim(`input ${text('input')}`)}`;
      case 'run.started':
        return `${c.cyan('●')} run started`;
      case 'run.signalled':
        return `${c.cyan('●')} signal ${c.bold(text('name'))}   ${c.dim(text('payload_json'))}`;
      case 'node.started':
        this.#started.set(node, this.#now);
        if (data['key'] === undefined) return null;
        this.#running.add(node);
        return `${c.yellow('▶')} ${label}${attempt > 1 ? `attempt ${attempt}` : ''}${data['recovered'] === undefined ? '' : ' again, after a crash'}`.trimEnd();
      case 'node.completed':
        return `${c.green('✔')} ${label}${this.#ended(node)} ${text(data['output_text'] === null ? 'output_json' : 'output_text')}${data['route'] === undefined ? '' : c.dim(` → ${text('route')}`)}`;
      case 'node.failed':
        return `${c.red('✘')} ${label}${this.#ended(node)} ${cell(data['error'], 200)}`;
      case 'node.skipped':
        this.#ended(node);
        return c.dim(`· ${node.padEnd(16)} ${kind.padEnd(18)}skipped`);
      case 'node.waiting':
        this.#running.delete(node);
        return `${c.yellow('⏸')} ${label}${waitText(data['wait'], data['due_at'])}`;
      case 'node.retry_scheduled':
        this.#running.delete(node);
        return `${c.yellow('↻')} ${label}attempt ${attempt} ${dueText(data['due_at'], this.#now)}: ${cell(data['error'], 200)}`;
      case 'node.outcome_unknown':
        this.#running.delete(node);
        return `${c.red('?')} ${label}outcome unknown: look what became of it, then "ap run resolve"`;
      case 'run.completed':
        return `${c.green('✔')} ${c.bold('run completed')}      ${text(data['output_text'] === null ? 'output_json' : 'output_text', 200)}`;
      case 'run.failed':
        return `${c.red('✘')} ${c.bold('run failed')}         ${cell(data['error'], 200)}`;
      case 'run.cancelled':
        return `${c.red('✘')} ${c.bold('run cancelled')}      ${text('reason')}`;
      default:
        return null;
    }
  }

  #ended(node: string): string {
    this.#done += 1;
    this.#running.delete(node);
    const began = this.#started.get(node);
    return this.#colors.dim((began === undefined ? '' : durationText(this.#now - began)).padEnd(7));
  }

  #progress(): string {
    return this.#total > 0 ? `${this.#done}/${this.#total}` : `${this.#done}`;
  }

  #stamp(): string {
    return this.#colors.dim(`${durationText(this.#now - this.#begin).padStart(8)} ${this.#progress().padStart(6)}  `);
  }
}

const plain = (value: unknown): string => (typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value));
const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
const dueText = (due: unknown, now: number): string => (typeof due === 'string' ? `in ${durationText(Date.parse(due) - now)}` : 'soon');

/** What a node waits for, with what a person can do about it. */
function waitText(wait: unknown, due: unknown): string {
  const detail = field(wait, 'detail');
  const until = typeof due === 'string' ? `, until ${due}` : '';
  switch (field(wait, 'for')) {
    case 'human_task':
      return `waits for a person${until}: ap task complete ${plain(field(detail, 'task_id'))} --approve`;
    case 'signal':
      return `waits for the signal ${plain(field(detail, 'signal'))}${until}`;
    default:
      return `waits${until}`;
  }
}
