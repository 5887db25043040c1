import { Command, Option } from 'commander';
import { examples, type Terminal } from './context.ts';
import { addDeadCommands } from './dead.commands.ts';
import { addDoctorCommand } from './doctor.command.ts';
import { addEventsCommands } from './events.commands.ts';
import { EXIT_HELP } from './exit.code.ts';
import { FORMATS } from './output.ts';
import { httpUrl } from './option.value.ts';
import { addProjectionsCommands } from './projections.commands.ts';
import { addMcpCommands } from './mcp.commands.ts';
import { addRegistryCommands } from './registry.commands.ts';
import { addRunCommands } from './run.commands.ts';
import { addSkillCommands } from './skill.commands.ts';
import { addStateCommand } from './state.command.ts';
import { addTaskCommands } from './task.commands.ts';
import { addUpCommand } from './up.command.ts';
import { addWorkflowCommands } from './workflow.commands.ts';

/** The whole command line. It writes to `terminal` and tells it the exit code; it never ends the process. */
export function createProgram(terminal: Terminal): Command {
  const program = new Command('ap')
    .description('Agent Platform: run workflows, watch what happens, look into the log')
    .configureOutput({
      writeOut: terminal.stdout,
      writeErr: terminal.stderr,
      getOutHasColors: () => terminal.interactive,
      getErrHasColors: () => terminal.interactive,
    })
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .showHelpAfterError('(add --help for how it is used)')
    .exitOverride()
    .addOption(
      new Option('--url <url>', 'address of the gateway')
        .argParser(httpUrl)
        .env('AGENT_PLATFORM_URL')
        .default(terminal.platform?.url ?? 'http://127.0.0.1:8000'),
    )
    .addOption(new Option('--nats <url>', 'address of NATS').env('AGENT_PLATFORM_NATS_URL').default(terminal.platform?.nats_url ?? 'nats://127.0.0.1:4222'))
    .addOption(new Option('--workspace <name>', 'workspace').env('AGENT_PLATFORM_WORKSPACE').default('public'))
    .addOption(new Option('-o, --output <format>', 'how answers are shown').choices(FORMATS).default('table'))
    .option('--curl', 'show the HTTP request as a curl command instead of sending it')
    .option('--no-color', 'no colours');
  examples(
    program,
    'ap up',
    'ap workflow create support.yaml --id support --publish',
    'ap run start support --input ticket="My invoice is wrong" --wait',
    'ap doctor',
  );
  program.addHelpText('after', `\n${EXIT_HELP}`);

  addUpCommand(program, terminal);
  addRunCommands(program, terminal);
  addWorkflowCommands(program, terminal);
  addTaskCommands(program, terminal);
  addEventsCommands(program, terminal);
  addStateCommand(program, terminal);
  addProjectionsCommands(program, terminal);
  addDeadCommands(program, terminal);
  addRegistryCommands(program, terminal);
  addMcpCommands(program, terminal);
  addSkillCommands(program, terminal);
  addDoctorCommand(program, terminal);
  return program;
}
