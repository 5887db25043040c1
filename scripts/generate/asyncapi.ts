import { type Contract, subjects } from '@agent-platform/contracts/kit/index';
import { z } from 'zod';
import { gatewayRoutes, PREFIXES } from '@agent-platform/contracts/gateway/gateway.contract';
import { SOCKET_CLOSES } from '@agent-platform/contracts/gateway/run.frame';
import { contracts } from '@agent-platform/contracts/index';
import { commandSchemas, eventSchemas, headerSchemas, publicCommands } from './asyncapi-messages.ts';
import { mergeRecursive } from './component-names.ts';
import { toComponents } from './schemas.ts';

const DESCRIPTION = `Commands in, events out. A command is a wish and is answered: accepted with its place in the log, or refused with a problem.
An event is a fact: every one of the log is published once per event id on the stream EVT, in log order.`;

const PARAMETERS: Readonly<Record<string, string>> = {
  workspace_id: 'Workspace: 1 to 40 lower-case letters, digits, "-" or "_"',
  category: 'Kind of aggregate, e.g. run',
  stream_id: 'Id of the aggregate',
  topic: 'What is told, e.g. tokens',
  run_id: 'Id of the run',
  replay_id: 'Id of the replay, as POST /replays answered it',
  type: 'Event or command type, e.g. run.created: two words, so two tokens of the subject',
};

const schema = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const channelRef = (name: string) => ({ $ref: `#/channels/${name}` });
const messageRef = (name: string) => ({ $ref: `#/components/messages/${name}` });
const inChannel = (channel: string, message: string) => ({ $ref: `#/channels/${channel}/messages/${message}` });

interface Document {
  readonly channels: Record<string, object>;
  readonly operations: Record<string, object>;
  readonly messages: Record<string, object>;
}

/** The AsyncAPI 3.1 document: every subject that clients may use, from the platform's side (it receives commands and sends events). */
export function createAsyncApi(): object {
  const document: Document = { channels: {}, operations: {}, messages: {} };
  for (const contract of contracts) addCommands(document, contract);
  for (const contract of contracts) addEvents(document, contract);
  addOthers(document);
  addSocket(document);
  const { channels, operations, messages } = document;
  return mergeRecursive({
    asyncapi: '3.1.0',
    info: { title: 'Agent Platform', version: '0.1.0', description: DESCRIPTION, license: { name: 'Apache-2.0' } },
    defaultContentType: 'application/json',
    servers: {
      nats: {
        host: '{host}',
        protocol: 'nats',
        description: 'NATS with JetStream, 2.12 or newer',
        variables: { host: { default: '127.0.0.1:4222', description: 'AGENT_PLATFORM_NATS_URL' } },
      },
      gateway: {
        host: '{host}',
        protocol: 'ws',
        description: 'The gateway; openapi.json has its routes. Header or query parameter as there: x-workspace-id, workspace_id',
        variables: { host: { default: '127.0.0.1:8000', description: 'AGENT_PLATFORM_HTTP_PORT' } },
      },
    },
    channels,
    operations,
    components: {
      messages,
      schemas: { ...toComponents(commandSchemas(contracts), 'input'), ...toComponents(new Map([...eventSchemas(contracts), ...headerSchemas]), 'output') },
    },
  });
}

/** `{name}` in an address is a parameter; a type has two words, which is more than one parameter can stand for. */
function channel(address: string | null, summary: string, messages: Readonly<Record<string, string>>, server = 'nats'): object {
  const names = [...(address ?? '').matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return {
    address,
    summary,
    servers: [{ $ref: `#/servers/${server}` }],
    messages: Object.fromEntries(Object.entries(messages).map(([name, message]) => [name, messageRef(message)])),
    ...(names.length > 0 && { parameters: Object.fromEntries(names.map((name) => [name, { description: PARAMETERS[name] ?? name }])) }),
  };
}

function addCommands(document: Document, contract: Contract): void {
  document.channels['reply'] ??= channel(null, 'The inbox that a request names.', { reply: 'reply' });
  document.messages['reply'] ??= { name: 'reply', title: 'Answer to a command', payload: schema('CommandReply') };
  for (const [type, { summary, example }] of publicCommands(contract)) {
    document.messages[`command.${type}`] = {
      name: type,
      title: type,
      summary,
      headers: schema('CommandHeaders'),
      payload: schema(type),
      ...(example && { examples: [{ name: 'example', payload: example }] }),
    };
    const messages = { [type]: `command.${type}` };
    const ask = `cmd.${type}`;
    document.channels[ask] = channel(subjects.command('{workspace_id}', type), `${summary} Request and reply.`, messages);
    document.operations[ask] = {
      action: 'receive',
      summary,
      channel: channelRef(ask),
      messages: [inChannel(ask, type)],
      reply: { channel: channelRef('reply'), messages: [inChannel('reply', 'reply')] },
    };
    const queue = `cmdq.${type}`;
    document.channels[queue] = channel(
      subjects.queuedCommand('{workspace_id}', type),
      `${summary} Not answered; kept in the work queue CMDQ until it is carried out.`,
      messages,
    );
    document.operations[queue] = { action: 'receive', summary: `${summary} Queued.`, channel: channelRef(queue), messages: [inChannel(queue, type)] };
  }
}

const stream = (category: string) => ({ workspace_id: '{workspace_id}', category, stream_id: '{stream_id}' });

function addEvents(document: Document, { category, events }: Contract): void {
  for (const [type, { summary }] of Object.entries(events)) {
    const name = `evt.${type}`;
    document.messages[`event.${type}`] = { name: type, title: type, summary, headers: schema('EventHeaders'), payload: schema(type) };
    document.channels[name] = channel(subjects.event(stream(category), type), summary, { [type]: `event.${type}` });
    document.operations[name] = { action: 'send', summary, channel: channelRef(name), messages: [inChannel(name, type)] };
  }
}

function addOthers({ channels, operations, messages }: Document): void {
  const any = stream('{category}');
  messages['any_event'] = { name: 'any_event', title: 'Any event', headers: schema('EventHeaders'), payload: schema('AnyEvent') };
  messages['live'] = { name: 'live', title: 'Something to watch', payload: schema('Live') };
  messages['dead'] = {
    name: 'dead',
    title: 'A message a consumer gave up on',
    summary: 'Payload and headers are those of the message it was, with the failure beside them.',
    headers: schema('DeadHeaders'),
    payload: schema('Live'),
  };
  const others = [
    ['live', subjects.live(any, '{topic}'), 'Not stored: what can be watched while it happens, such as tokens.', 'live'],
    ['replay', subjects.replay('{replay_id}', any, '{type}'), 'Events published again for debugging. Nobody in the platform listens here.', 'any_event'],
    ['dead', subjects.dead(any, '{type}'), 'Messages that a consumer gave up on, kept on the stream DEAD.', 'dead'],
  ] as const;
  for (const [name, address, summary, message] of others) {
    channels[name] = channel(address, summary, { [message]: message });
    operations[name] = { action: 'send', summary, channel: channelRef(name), messages: [inChannel(name, message)] };
  }
}

/** The WebSocket of a run: the one address here that is not a subject. */
function addSocket({ channels, operations, messages }: Document): void {
  const { path, summary, params } = gatewayRoutes['run.watch'];
  const codes = Object.entries(SOCKET_CLOSES).map(([name, code]) => `${code} ${name}`);
  messages['run_frame'] = { name: 'run_frame', title: 'What happened to a run', payload: schema('RunFrame') };
  channels['run.watch'] = {
    ...channel(`${PREFIXES[0]}${path}`, summary, { run_frame: 'run_frame' }, 'gateway'),
    description: `Nothing is sent to the platform here; pings are answered with pongs. Closed with ${codes.join(', ')}. A reader that takes nothing for 30 s is cut.`,
    bindings: { ws: { method: 'GET', query: z.toJSONSchema(params.pick({ from: true }), { io: 'input', target: 'draft-07' }) } },
  };
  operations['run.watch'] = { action: 'send', summary, channel: channelRef('run.watch'), messages: [inChannel('run.watch', 'run_frame')] };
}
