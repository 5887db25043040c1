import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import { type Lookup, reject, type Rejection } from '@agent-platform/kernel/index';
import { type SecretProblem, sealConfig } from '@agent-platform/kernel/secret-headers';
import { EMPTY_DEFINITION, parseSource } from './workflow.document.ts';
import type { WorkflowCommand } from './workflow.state.ts';

type Documented = Extract<WorkflowCommand, { type: 'workflow.create' | 'workflow.update' | 'workflow.create_version' }>;

/**
 * Seals the secrets of the document that a command brings, before it is recorded. A document that can't be read goes on
 * as it is: the decision refuses it, and refusals are not recorded.
 */
export async function sealDocument(command: WorkflowCommand, { secrets }: Lookup): Promise<WorkflowCommand | Rejection> {
  if (command.type !== 'workflow.create' && command.type !== 'workflow.update' && command.type !== 'workflow.create_version') return command;
  const { nodes, dsl_json, dsl_yaml } = command.data;
  const written = nodes ?? dsl_json?.['nodes'] ?? (dsl_yaml === undefined ? undefined : nodesOf(command));
  if (!Array.isArray(written)) return command;
  const problems: SecretProblem[] = [];
  const sealed = written.map((node: JsonValue, index) => {
    const config = isObject(node) ? node['config'] : undefined;
    if (!isObject(node) || !isObject(config)) return node;
    const { config: kept, problems: more } = sealConfig(config, `/nodes/${index}/config`, command.meta.workspace_id, secrets);
    problems.push(...more);
    return kept === config ? node : { ...node, config: kept };
  });
  const [first] = problems;
  if (first) return reject('invalid', 'workflow-secret', `The workflow can’t be kept: ${first.field} ${first.rule}.`, problems);
  return sealed.some((node, index) => node !== written[index]) ? withNodes(command, sealed) : command;
}

/** Nodes of a text, as they are written there. */
function nodesOf({ data }: Documented): JsonValue | undefined {
  const read = parseSource({ dsl_yaml: data.dsl_yaml }, EMPTY_DEFINITION);
  return read && !('errors' in read) ? read.dsl_json['nodes'] : undefined;
}

/** The command with other nodes, in the spelling it had; a text becomes the document it says. */
function withNodes(command: Documented, nodes: JsonValue[]): WorkflowCommand {
  const { dsl_yaml, ...data } = command.data;
  const read = dsl_yaml === undefined ? null : parseSource({ dsl_yaml }, EMPTY_DEFINITION);
  const document = read && !('errors' in read) ? read.dsl_json : data.dsl_json;
  // The nodes are objects still; the types of the three commands differ in other fields only.
  const change = document ? { dsl_json: { ...document, nodes } } : { nodes: nodes as JsonObject[] };
  return { ...command, data: { ...data, ...change } } as WorkflowCommand;
}

const isObject = (value: JsonValue | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
