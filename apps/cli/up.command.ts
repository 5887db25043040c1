import type { Command } from 'commander';
import { act, examples, type Terminal } from './context.ts';

/** What `npm start` runs. It ends the process itself, on a signal or when what it needs is lost. */
const PLATFORM = new URL('../platform/main.ts', import.meta.url).href;

/** `ap up` */
export function addUpCommand(program: Command, terminal: Terminal): void {
  examples(
    program
      .command('up')
      .description('Start the whole platform here, with Postgres and NATS: the same as npm start. Ctrl-C ends it')
      .argument('[options...]', 'those of npm start: --port, --data, --postgres, --database-url, --nats-url, --processes, --verbose')
      .allowUnknownOption()
      .action(
        act<[readonly string[]]>(terminal, async (_context, _options, given) => {
          // The program that is loaded reads its own options, as npm start gives them.
          process.argv.splice(2, Infinity, ...given);
          // Loaded by its place, when it is asked for: no other command loads a whole platform.
          await import(PLATFORM);
          return new Promise<never>(() => undefined);
        }),
      ),
    'ap up',
    'ap up --port 9000 --data /var/lib/platform --verbose',
  );
}
