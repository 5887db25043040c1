import type { Command } from 'commander';
import { act, type Context, examples, type Terminal } from './context.ts';
import { fail, type Finding, ok, type Verdict } from './doctor.check.ts';
import { EXIT } from './exit.code.ts';

const NEEDED_NODE = 24;
const MARKS: Readonly<Record<Verdict, string>> = { ok: '✔', warn: '!', fail: '✘' };

/** `ap doctor` */
export function addDoctorCommand(program: Command, terminal: Terminal): void {
  examples(
    program
      .command('doctor')
      .description('Look at Node, Postgres, NATS, the gateway and every role; says what to do about what is wrong')
      .addHelpText('after', '\nExit code 0 when nothing failed (warnings are allowed), 1 when something did.')
      .action(act<[]>(terminal, doctor)),
    'ap doctor',
    'ap doctor -o json',
  );
}

function lookAtNode(): readonly Finding[] {
  const found = process.versions.node;
  return [Number(found.split('.')[0]) >= NEEDED_NODE ? ok('node', found) : fail('node', found, `Install Node ${NEEDED_NODE}, or start with "npm run ap".`)];
}

async function doctor(context: Context): Promise<number> {
  const [{ lookAtGateway }, { lookAtNats }, { lookAtPostgres }] = await Promise.all([
    import('./doctor.gateway.ts'),
    import('./doctor.nats.ts'),
    import('./doctor.postgres.ts'),
  ]);
  const findings = [...lookAtNode(), ...(await Promise.all([lookAtPostgres(context), lookAtNats(context), lookAtGateway(context)])).flat()];
  if (context.format === 'table') for (const finding of findings) context.print(findingText(finding, context));
  else context.printList({ items: findings.map((finding) => ({ ...finding })) }, []);
  return findings.some(({ status }) => status === 'fail') ? EXIT.failure : EXIT.ok;
}

function findingText({ check, status, message, remedy }: Finding, { colors }: Context): string {
  const colour = { ok: colors.green, warn: colors.yellow, fail: colors.red }[status];
  const line = `${colour(`${MARKS[status]} ${status.padEnd(4)}`)} ${check.padEnd(20)} ${message}`;
  return remedy === undefined ? line : `${line}\n${' '.repeat(7)}${colors.dim('remedy:')} ${remedy}`;
}
