import type { Colors } from './colors.ts';
import type { z } from 'zod';
import { WorkflowValidation } from '@agent-platform/contracts/workflow/workflow.contract';
import { CliError } from './cli.error.ts';
import { EXIT } from './exit.code.ts';

type Validation = z.output<typeof WorkflowValidation>;
type Finding = Validation['errors'][number];

/** The answer of the validate and plan routes. Throws CliError when it is something else. */
export function readValidation(answer: unknown): Validation {
  const parsed = WorkflowValidation.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new CliError({ title: 'Unexpected answer', detail: 'The gateway answered no validation. Is it of another version?' }, EXIT.failure);
}

const findingText = (finding: Finding, mark: string, colors: Colors): string[] => [
  `${mark} ${colors.bold(finding.field === '' ? '(document)' : finding.field)}: ${finding.rule}${finding.line === undefined ? '' : ` (line ${finding.line})`}`,
  ...(finding.remedy === undefined ? [] : [`    ${colors.dim('remedy:')} ${finding.remedy}`]),
];

/** What is wrong with a document, a line or two for each. */
export function findingsText(file: string, { valid, errors, warnings }: Validation, colors: Colors): string {
  const counts = `${errors.length} ${errors.length === 1 ? 'error' : 'errors'}, ${warnings.length} ${warnings.length === 1 ? 'warning' : 'warnings'}`;
  return [
    ...errors.flatMap((finding) => findingText(finding, colors.red('✘'), colors)),
    ...warnings.flatMap((finding) => findingText(finding, colors.yellow('!'), colors)),
    `${valid ? colors.green('valid') : colors.red('not valid')}: ${file}, ${counts}`,
  ].join('\n');
}

/** The order in which nodes would run: a line for those that may run at the same time. */
export function planText(file: string, validation: Validation, colors: Colors): string {
  const { plan, valid } = validation;
  if (!plan || !valid) return findingsText(file, validation, colors);
  const lines = plan.groups.map((group, index) => `${colors.dim(String(index + 1).padStart(3))}  ${group.join('  ')}`);
  return [...lines, ...(plan.unordered.length > 0 ? [colors.red(`never: ${plan.unordered.join(', ')}`)] : [])].join('\n');
}
