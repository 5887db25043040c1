import { Command } from 'commander';
import type { Addresses } from '@agent-platform/app-platform/addresses.file';
import { CliError, toCliError } from './cli.error.ts';
import { type Colors, createColors } from './colors.ts';
import { EXIT } from './exit.code.ts';
import { CurlInstead, GatewayClient } from './gateway.client.ts';
import { type Column, type Format, itemText, listText, type Row } from './output.ts';
import { problemText } from './problem.text.ts';

/** The world of the command line: what tests replace. */
export interface Terminal {
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Whether somebody looks: colours and a line that changes in place. */
  readonly interactive: boolean;
  /** Ends what follows or waits: Ctrl-C. */
  readonly interrupted: AbortSignal;
  readonly exit: (code: number) => void;
  /** A platform that was started here and runs: what is not named otherwise is asked there. */
  readonly platform?: Addresses | undefined;
}

/** Options that every command takes. */
interface GlobalOptions {
  readonly url: string;
  readonly nats: string;
  readonly workspace: string;
  readonly output: Format;
  readonly curl?: boolean;
  readonly color: boolean;
}

/** What a command works with. */
export interface Context {
  readonly gateway: GatewayClient;
  readonly natsUrl: string;
  readonly url: string;
  readonly workspace: string;
  readonly format: Format;
  /** Requests are shown, not sent. */
  readonly curl: boolean;
  readonly colors: Colors;
  readonly terminal: Terminal;
  /** A line to standard output. */
  print(text: string): void;
  printList(page: { readonly items: readonly Row[] }, columns: readonly Column[]): void;
  printItem(item: Row, fields: readonly Column[]): void;
}

function contextOf(terminal: Terminal, options: GlobalOptions): Context {
  const colors = createColors(terminal.interactive && options.color);
  const format = options.output;
  const print = (text: string): void => {
    terminal.stdout(`${text}\n`);
  };
  return {
    gateway: new GatewayClient({ url: options.url, workspace: options.workspace, curl: options.curl === true }),
    natsUrl: options.nats,
    url: options.url,
    workspace: options.workspace,
    format,
    curl: options.curl === true,
    colors,
    terminal,
    print,
    printList: (page, columns) => print(listText(format, page, columns, colors)),
    printItem: (item, fields) => print(itemText(format, item, fields, colors)),
  };
}

/** Arguments as commander gives them to an action: those of the command, its options, and the command. */
type Action<A extends readonly unknown[], O> = (context: Context, options: O, ...args: A) => Promise<number | void>;

/** An action with a context, whose failures are told and become exit codes. */
export function act<A extends readonly unknown[], O = Record<string, never>>(terminal: Terminal, action: Action<A, O>) {
  return async (...given: unknown[]): Promise<void> => {
    const command = given.at(-1);
    if (!(command instanceof Command)) throw new TypeError('commander gives the command last');
    const context = contextOf(terminal, command.optsWithGlobals<GlobalOptions>());
    try {
      // commander gives what the command declared; the declaration stands beside the action.
      const code = await action(context, command.opts() as O, ...(given.slice(0, -2) as unknown as A));
      terminal.exit(code ?? EXIT.ok);
    } catch (error) {
      if (error instanceof CurlInstead) {
        context.print(error.message);
        return terminal.exit(EXIT.ok);
      }
      const known = error instanceof CliError ? error : toCliError(error);
      terminal.stderr(`${problemText(known, context.colors)}\n`);
      terminal.exit(known.exit);
    }
  };
}

/** Examples at the end of a command's help; each begins with `ap`. */
export const examples = (command: Command, ...lines: readonly [string, ...string[]]): Command =>
  command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`);
