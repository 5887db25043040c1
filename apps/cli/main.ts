#!/usr/bin/env node
import { runCli } from './run-cli.ts';

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
});
// What was written is flushed, and nothing that is still open holds us.
process.stdout.write('', () => process.exit(code));
