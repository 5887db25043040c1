/**
 * `npm run demo`: a support desk works off five tickets, on a platform of its own.
 *
 * It uses the platform as its users do: commands and events over NATS with the package `nats`, the rest over HTTP. Any
 * process of the platform may be killed while it runs; that costs time and changes no answer.
 */
import { parseArgs } from 'node:util';
import { createTemporaryFolder } from '@agent-platform/embedded/index';
import pc from 'picocolors';
import { runDesk } from './demo/desk.ts';
import { startOrderService } from './demo/order-service.ts';
import { loadExample } from './demo/example.ts';
import { startPlatform } from './platform.ts';

const TROUBLED_ORDER = 'A-2213';
/** After the first word all must be done within this; the platform's own waits are shorter. */
const LONGEST_MS = 240_000;

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const aside = (line: string): void => void process.stderr.write(`${pc.dim(line)}\n`);

const { values } = parseArgs({ options: { data: { type: 'string' } } });
// Deleted at the end, also after a SIGKILL; a folder of yours stays.
const temporary = values.data === undefined ? createTemporaryFolder('agent-platform-demo-') : undefined;
const dataDir = values.data ?? temporary?.path;
const undo: (() => Promise<void> | void)[] = [() => temporary?.remove()];

let ending: Promise<void> | undefined;
/** Ends everything once, the newest first, whatever asks for it. */
const end = (code: number): Promise<void> =>
  (ending ??= (async () => {
    for (const step of undo.toReversed()) await step();
    process.exit(code);
  })());
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end(130));
setTimeout(() => {
  process.stderr.write(`The demo did not come to its end within ${LONGEST_MS / 1000} s.\n`);
  void end(1);
}, LONGEST_MS);

try {
  const example = loadExample();
  print(pc.bold('1. The platform starts: Postgres (PGlite), NATS and every role, each started again when it dies'));
  const orders = await startOrderService(example.orders, TROUBLED_ORDER);
  undo.push(() => orders.close());
  const starting = startPlatform({
    dataDir,
    port: 0,
    env: { AGENT_PLATFORM_EGRESS_ALLOW: orders.address, AGENT_PLATFORM_LEASE_SECONDS: '3', AGENT_PLATFORM_LOG_LEVEL: 'warn' },
    tell: aside,
  });
  undo.push(async () => (await starting).close());
  const platform = await starting;
  print(`   ${platform.url}  ${platform.natsUrl}`);
  print(
    `   kill one of them while it works, if you like: ${Object.entries(platform.pids())
      .map(([name, pid]) => `${name} ${pid}`)
      .join(', ')}`,
  );
  await runDesk({ platform, example, ordersUrl: orders.url, print, undo: (step) => undo.push(step) });
  print(`
${pc.bold('Next')}
   npm start                         a platform that stays, with its data in .data
   npm run ap -- --help              its command line
   apps/platform/example/            the workflow, the tickets and the orders of this demo
   README.md                         how it works, and how to add a node type or an aggregate`);
  await end(0);
} catch (error) {
  if (!ending) process.stderr.write(`${pc.red('The demo failed.')} ${error instanceof Error ? error.message : String(error)}\n`);
  await end(1);
}
