import { CommanderError } from 'commander';
import type { Terminal } from './context.ts';
import { EXIT } from './exit.code.ts';
import { createProgram } from './program.ts';

/** Runs one command line, without the program's name; answers the exit code. Never throws. */
export async function runCli(args: readonly string[], terminal: Omit<Terminal, 'exit'>): Promise<number> {
  let code: number = EXIT.ok;
  const program = createProgram({ ...terminal, exit: (given) => (code = given) });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    // commander has told already what it did not understand; help and version are no mistake.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    terminal.stderr(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return EXIT.failure;
  }
}
