import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Failure } from '@agent-platform/kernel/index';
import type { ChatRequest, ModelPort } from '@agent-platform/ports/model.port';
import { compiledPattern, Script, type ParsedRule } from './script.ts';

/** A call as it was made, for tests to look at. */
export interface ScriptedCall {
  readonly key: string;
  readonly request: ChatRequest;
  /** Index of the rule that spoke; null when none matched. */
  readonly rule: number | null;
}

export interface ScriptedModel extends ModelPort {
  readonly calls: readonly ScriptedCall[];
}

export interface ScriptedModelOptions {
  /** Keep the calls for looking at them; off for load tests. Default true. */
  readonly record?: boolean;
}

/**
 * A model that says what a script tells it: for tests and load tests. Throws ZodError when the script is wrong.
 * Counts of failures live in this object only.
 */
export function createScriptedModel(script: Script, { record = true }: ScriptedModelOptions = {}): ScriptedModel {
  const parsed = Script.parse(script);
  const rules = parsed.rules.map(matcher);
  const failures = new Map<string, number>();
  const calls: ScriptedCall[] = [];

  return {
    calls,
    async chat(request, { key, signal, onToken }) {
      const prompt = request.messages.map(({ content }) => content).join('\n');
      const index = rules.findIndex((matches) => matches(request, key, prompt) !== null);
      if (record) calls.push({ key, request, rule: index < 0 ? null : index });
      const rule = parsed.rules[index];
      const caught = rules[index]?.(request, key, prompt);
      if (!rule || !caught) throw new Failure('invalid', 'model-no-rule', 'No rule of the script matches the request. Add one.');
      await pause(rule.delay_ms, signal);
      const text = rule.text.replace(/\$(\d)/g, (_sign, group: string) => caught[Number(group)] ?? '');
      const failing = rule.error && fails(rule.error, index, key, prompt, failures) ? rule.error : null;
      const pieces = text.match(/\s*\S+/g) ?? [];
      for (const piece of failing ? pieces.slice(0, failing.after_tokens) : pieces) {
        await pause(rule.token_delay_ms, signal);
        onToken?.(piece);
      }
      if (failing) throw failureOf(failing);
      return {
        text,
        model: rule.model ?? request.model ?? parsed.model,
        finish_reason: rule.finish_reason,
        usage: rule.usage === undefined ? { prompt_tokens: words(prompt), completion_tokens: pieces.length } : rule.usage,
      };
    },
  };
}

type Caught = readonly (string | undefined)[];

/** What a rule's regex caught (the whole prompt without one); null when the rule does not match. */
function matcher({ match }: ParsedRule): (request: ChatRequest, key: string, prompt: string) => Caught | null {
  const regex = match.regex === undefined ? null : compiledPattern(match.regex);
  const contains = match.contains?.toLowerCase();
  return (request, key, prompt) => {
    if (match.model !== undefined && match.model !== request.model) return null;
    if (match.key !== undefined && match.key !== key) return null;
    if (contains !== undefined && !prompt.toLowerCase().includes(contains)) return null;
    if (!regex) return [prompt];
    const found = regex.matcher(prompt);
    return found.find() ? Array.from({ length: found.groupCount() + 1 }, (_, group) => found.group(group) ?? undefined) : null;
  };
}

function fails(error: NonNullable<ParsedRule['error']>, index: number, key: string, prompt: string, counts: Map<string, number>): boolean {
  if (error.times === undefined) return true;
  const what = { key, messages: createHash('sha256').update(prompt).digest('base64'), rule: '' }[error.per];
  const counter = `${index}/${what}`;
  const before = counts.get(counter) ?? 0;
  if (before >= error.times) return false;
  counts.set(counter, before + 1);
  return true;
}

const failureOf = (error: NonNullable<ParsedRule['error']>): Failure =>
  new Failure(error.kind, error.code, error.message, {
    ...(error.retry_after_seconds !== undefined && { retryAfterSeconds: error.retry_after_seconds }),
  });

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    if (ms > 0) await wait(ms, undefined, { signal });
    else signal.throwIfAborted();
  } catch (cause) {
    throw new Failure('transient', 'model-aborted', 'The model call was given up before its answer came.', { cause });
  }
}

const words = (text: string): number => text.match(/\S+/g)?.length ?? 0;
