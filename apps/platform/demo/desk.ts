import { connect, type NatsConnection } from 'nats';
import pc from 'picocolors';
import { z } from 'zod';
import type { RunningPlatform } from '../platform.ts';
import { type Api, createApi } from './api.ts';
import { publishCommand, Refused } from './commands.ts';
import { eventsOf, newestEvent } from './events.ts';
import type { Example, Ticket } from './example.ts';
import { decideOpenTasks } from './person.ts';
import { compareWithReadModel, replayRun } from './replay.ts';
import { createTimeline } from './timeline.ts';

const WORKSPACE = 'demo';
const WORKFLOW = 'support';

interface Desk {
  readonly platform: RunningPlatform;
  readonly example: Example;
  readonly ordersUrl: string;
  readonly print: (line: string) => void;
  /** Takes what is to be done at the end. */
  readonly undo: (step: () => Promise<void>) => void;
}

/** A run that came to its end, and the event that says so. */
interface Finished {
  readonly runId: string;
  readonly ticket: Ticket;
  readonly lastEvent: string;
}

/** The whole story, from the outside. Throws an error that says what is wrong. */
export async function runDesk({ platform, example, ordersUrl, print, undo }: Desk): Promise<void> {
  const nats = await connect({ servers: platform.natsUrl, maxReconnectAttempts: -1, reconnectTimeWait: 200, name: 'demo' });
  undo(() => nats.close());
  const api = createApi(platform.url, WORKSPACE);

  print(pc.bold(`\n2. The workflow "${WORKFLOW}" (${example.nodes} nodes) is published: commands on NATS`));
  await publishWorkflow(nats, example);

  print(pc.bold(`\n3. ${example.tickets.length} tickets become runs (cmd.${WORKSPACE}.run.create); their events come back on evt.${WORKSPACE}.>`));
  const finished = await workOff(nats, api, { example, ordersUrl, print });

  print(pc.bold('\n4. The answers, from the read model (GET /api/v1/runtime/runs/<id>)'));
  for (const { runId, ticket, lastEvent } of finished) await showAnswer(api, runId, ticket, lastEvent, print);

  const [first] = finished;
  if (!first) throw new Error('tickets.json: must name at least one ticket.');
  print(pc.bold(`\n5. ${first.ticket.ticket_id} again, from its events alone (GET …/streams/run/<id>/state?at=<version>)`));
  const folded = await replayRun(api, first.runId, print);
  const { fields, nodes, differences } = await compareWithReadModel(api, first.runId, folded, first.lastEvent);
  if (differences.length > 0) throw new Error(`The folded state and the read model differ:\n  ${differences.join('\n  ')}`);
  print(pc.green(`  the state folded from ${folded.version} events equals the read model: ${fields} fields of the run, ${nodes} of ${nodes} nodes`));
}

async function publishWorkflow(nats: NatsConnection, { workflow }: Example): Promise<void> {
  const document = { workflow_id: WORKFLOW, name: 'Support desk', dsl_yaml: workflow };
  try {
    await publishCommand(nats, WORKSPACE, 'workflow.create', document);
  } catch (error) {
    // The data folder of an earlier demo has it already.
    if (!(error instanceof Refused)) throw error;
    await publishCommand(nats, WORKSPACE, 'workflow.update', document);
  }
  await publishCommand(nats, WORKSPACE, 'workflow.publish', { workflow_id: WORKFLOW });
}

/** Creates a run for each ticket and follows all of them to their ends, with a person who decides where one is asked. */
async function workOff(nats: NatsConnection, api: Api, { example, ordersUrl, print }: Omit<Desk, 'platform' | 'undo'>): Promise<readonly Finished[]> {
  const events = eventsOf(nats, WORKSPACE, await newestEvent(nats));
  const timeline = createTimeline(example.nodes, print);
  const tickets = new Map(
    await Promise.all(
      example.tickets.map(async (ticket) => {
        const { id } = await publishCommand(nats, WORKSPACE, 'run.create', { workflow_id: WORKFLOW, input: { ...ticket, orders_url: ordersUrl } });
        return [id, ticket] as const;
      }),
    ),
  );
  const finished = new Map<string, Finished>();
  const decisions: Promise<void>[] = [];
  const trouble = Promise.withResolvers<never>();
  // Heard in the race below; without a listener of its own a late failure would end the process.
  trouble.promise.catch(() => undefined);
  while (finished.size < tickets.size) {
    const { value: event, done } = await Promise.race([events.next(), trouble.promise]);
    if (done) break;
    const runId = event.category === 'run' ? event.stream_id : String(event.data['run_id']);
    const ticket = tickets.get(runId);
    if (!ticket) continue;
    timeline.show(ticket.ticket_id, event);
    if (event.type === 'human_task.created') decisions.push(decide(api, runId, ticket, example, event.id).catch(trouble.reject));
    if (event.type === 'run.failed' || event.type === 'run.cancelled')
      throw new Error(`The run of ${ticket.ticket_id} ended with ${event.type}: ${JSON.stringify(event.data)}`);
    if (event.type === 'run.completed') finished.set(runId, { runId, ticket, lastEvent: event.id });
  }
  await Promise.race([Promise.all(decisions), trouble.promise]);
  return [...tickets.keys()].flatMap((runId) => finished.get(runId) ?? []);
}

function decide(api: Api, runId: string, ticket: Ticket, { orders }: Example, seen: string): Promise<void> {
  const order = orders[ticket.order_id];
  if (!order) throw new Error(`orders.json: has no order ${ticket.order_id} of ${ticket.ticket_id}.`);
  return decideOpenTasks(api, runId, order, seen);
}

const Run = z.object({ status: z.string(), output_text: z.string().nullable() });

async function showAnswer(api: Api, runId: string, { ticket_id, subject }: Ticket, seen: string, print: (line: string) => void): Promise<void> {
  const { status, output_text } = await api.get(`/runtime/runs/${runId}?read_after=${seen}`, Run);
  print(`  ${pc.bold(ticket_id)}  ${subject}  ${pc.green(status)}`);
  for (const line of wrapped(output_text ?? '')) print(`          ${line}`);
}

const LINE = 92;

function wrapped(text: string): readonly string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + word.length >= LINE) {
        lines.push(line);
        line = '';
      }
      line = line === '' ? word : `${line} ${word}`;
    }
    return [...lines, line].filter((one) => one !== '');
  });
}
