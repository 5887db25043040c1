import type { Colors } from './colors.ts';
import type { CliError } from './cli.error.ts';

/** A problem for people: title, detail, each field with its rule and remedy, and the id to ask about. */
export function problemText({ problem }: CliError, colors: Colors): string {
  const { title, detail, code, errors = [], request_id, retry_after_seconds } = problem;
  const fields = errors.flatMap(({ field, rule, remedy }) => [
    `  ${colors.bold(field === '' ? '(whole)' : field)}: ${rule}`,
    ...(remedy === undefined ? [] : [`    ${colors.dim('remedy:')} ${remedy}`]),
  ]);
  return [
    `${colors.red(colors.bold(title))}${code === undefined ? '' : colors.dim(` (${code})`)}`,
    `  ${detail}`,
    ...fields,
    ...(retry_after_seconds === undefined ? [] : [`  Try again in ${retry_after_seconds} s.`]),
    ...(request_id === undefined ? [] : [colors.dim(`  request id ${request_id}`)]),
  ].join('\n');
}
