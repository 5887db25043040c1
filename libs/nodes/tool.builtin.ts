import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import type { BuiltinTool } from '@agent-platform/contracts/nodes/tool.config';
import { evaluate } from '@agent-platform/graph/index';
import { z } from 'zod';
import type { NodeEnd, NodeError, NodeScope } from './node.ts';
import { completed, failed, nodeError } from './outcome.ts';

/** What is asked of a built-in tool. The time is the command's, so that a replay answers the same. */
export type BuiltinRequest = { builtin: BuiltinTool; input: JsonObject; now: string | null };

interface Builtin {
  readonly description: string;
  readonly input: z.ZodType;
  run(input: JsonObject, now: string | null): { readonly value: JsonValue; readonly text: string } | { readonly failed: NodeError };
}

/** Values that an expression may name, as `input.<name>`. */
const Calculation = z.strictObject({ expression: z.string().min(1).max(4000), values: z.record(z.string(), z.json()).default({}) });
const Clock = z.strictObject({ time_zone: z.string().min(1).max(64).default('UTC') });

const TOOLS: Readonly<Record<BuiltinTool, Builtin>> = {
  calculator: {
    description: 'Computes an expression (CEL) with numbers, texts, lists and conditions, e.g. "(input.net * 1.19) > 100.0"; values are read as input.<name>.',
    input: Calculation,
    run(input) {
      const { expression, values } = Calculation.parse(input);
      const result = evaluate(expression, { input: values });
      if ('error' in result) return { failed: nodeError('calculation-failed', `input.expression: ${result.error.message}.`) };
      return { value: result.value, text: typeof result.value === 'string' ? result.value : JSON.stringify(result.value) };
    },
  },
  current_time: {
    description: 'Tells the date and time of now, in a time zone like "Europe/Berlin".',
    input: Clock,
    run(input, now) {
      const { time_zone } = Clock.parse(input);
      if (now === null) return { failed: nodeError('time-unknown', 'The time of this run is not known.') };
      const parts = partsOf(new Date(now), time_zone);
      if (!parts)
        return { failed: nodeError('time-zone-unknown', `input.time_zone: "${time_zone}" is no time zone; write one like "UTC" or "Europe/Berlin".`) };
      const local = `${parts['year']}-${parts['month']}-${parts['day']} ${parts['hour']}:${parts['minute']}:${parts['second']}`;
      return {
        value: { iso: now, unix: Math.floor(Date.parse(now) / 1000), time_zone, local, weekday: parts['weekday'] ?? '' },
        text: `${local} ${time_zone}`,
      };
    },
  },
};

function partsOf(instant: Date, timeZone: string): Readonly<Record<string, string>> | null {
  try {
    const two = '2-digit';
    const format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'long',
      year: 'numeric',
      month: two,
      day: two,
      hour: two,
      minute: two,
      second: two,
      hourCycle: 'h23',
    });
    return Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]));
  } catch {
    // The only thing that can be wrong is the name of the zone.
    return null;
  }
}

/** Asks a built-in tool; its input is checked before. */
export function askBuiltin(builtin: BuiltinTool, input: JsonObject, scope: NodeScope): BuiltinRequest | { readonly failed: NodeError } {
  const [issue] = TOOLS[builtin].input.safeParse(input).error?.issues ?? [];
  if (!issue) return { builtin, input, now: scope.now ?? null };
  return { failed: nodeError('tool-input-invalid', `The input doesn't fit the tool "${builtin}": input.${issue.path.join('.')}: ${issue.message}.`) };
}

/** What it answers: nothing outside is needed. */
export function answerBuiltin({ builtin, input, now }: BuiltinRequest): NodeEnd {
  const answer = TOOLS[builtin].run(input, now);
  if ('failed' in answer) return failed(answer.failed);
  return completed({ output_json: { builtin, input, result: answer.value }, output_text: answer.text });
}

/** The built-in tools as models are told of them. */
export const builtinTools: readonly { readonly name: string; readonly description: string; readonly input_schema: JsonObject }[] = Object.entries(TOOLS).map(
  ([name, { description, input }]) => ({ name, description, input_schema: z.toJSONSchema(input, { io: 'input' }) as JsonObject }),
);
