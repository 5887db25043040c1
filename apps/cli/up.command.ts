import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { act, examples, type Terminal } from './context.ts';
import { EXIT } from './exit.code.ts';

const MAIN = fileURLToPath(new URL('../platform/main.ts', import.meta.url));

/** `ap up`: the same as `npm start`, in a process of its own, so that the one command line does not load a whole platform. */
export function addUpCommand(program: Command, terminal: Terminal): void {
  examples(
    program
      .command('up')
      .description('Start the whole platform here, with Postgres and NATS: the same as npm start. Ctrl-C ends it')
      .action(
        act<[]>(
          terminal,
          () =>
            new Promise<number>((resolve) => {
              const child = spawn(process.execPath, [MAIN], { stdio: 'inherit', env: terminal.env });
              terminal.interrupted.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
              child.once('exit', (code, signal) => resolve(code ?? (signal === null ? EXIT.failure : EXIT.ok)));
            }),
        ),
      ),
    'ap up',
    'AGENT_PLATFORM_HTTP_PORT=9000 ap up',
  );
}
