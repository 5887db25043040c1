#!/usr/bin/env node
import { readAddresses } from '@agent-platform/app-platform/addresses.file';
import { runCli } from './run-cli.ts';

const NAMED = ['AGENT_PLATFORM_URL', 'AGENT_PLATFORM_NATS_URL', 'AGENT_PLATFORM_DATABASE_URL'];
// Whoever names one address means another platform: none of ours is mixed in.
const elsewhere = NAMED.some((name) => process.env[name]);
const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort());
process.once('SIGTERM', () => interrupt.abort());
// A reader that has enough (`ap events tail | head`) ends us quietly.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const code = await runCli(process.argv.slice(2), {
  env: process.env,
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  interactive: process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined,
  interrupted: interrupt.signal,
  platform: elsewhere ? undefined : readAddresses(process.env['AGENT_PLATFORM_DATA'] ?? '.data'),
});
// What was written is flushed, and nothing that is still open holds us.
process.stdout.write('', () => process.exit(code));
