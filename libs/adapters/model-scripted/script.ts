import { load } from 'js-yaml';
import { RE2JS } from 're2js';
import { z } from 'zod';

/** A pattern of a script, compiled: RE2, so that no pattern can stop the process; a dot matches a line end too. */
export const compiledPattern = (source: string): RE2JS => RE2JS.compile(source, RE2JS.DOTALL);

const Regex = z
  .string()
  .max(1000)
  .refine(
    (source) => {
      try {
        return compiledPattern(source).groupCount() >= 0;
      } catch {
        return false;
      }
    },
    { error: 'must be a regular expression of RE2 (no look-around, no back references)' },
  );

/** Every condition that is given must hold. `contains` ignores case and looks at all messages joined. */
const Match = z.strictObject({
  contains: z.string().optional(),
  regex: Regex.optional(),
  model: z.string().optional(),
  key: z.string().optional(),
});

const ScriptedFailure = z.strictObject({
  kind: z.enum(['invalid', 'denied', 'missing', 'conflict', 'transient', 'fault']).default('transient'),
  code: z.string().default('model-unavailable'),
  message: z.string().default('scripted failure'),
  retry_after_seconds: z.number().min(0).optional(),
  /** How many calls fail before the rule answers; absent: every one. */
  times: z.int().min(1).optional(),
  /** What is counted: calls with the same key (the default), with the same messages, or of the rule. */
  per: z.enum(['key', 'messages', 'rule']).default('key'),
  /** Tokens shown before the failure: a reply that breaks off. */
  after_tokens: z.int().min(0).default(0),
});

const Rule = z.strictObject({
  match: Match.default({}),
  /** `$0` to `$9` stand for what the regex and its groups caught. */
  text: z.string().default(''),
  error: ScriptedFailure.optional(),
  delay_ms: z.int().min(0).default(0),
  token_delay_ms: z.int().min(0).default(0),
  model: z.string().optional(),
  finish_reason: z.string().default('stop'),
  usage: z
    .strictObject({ prompt_tokens: z.int().min(0), completion_tokens: z.int().min(0) })
    .nullable()
    .optional(),
});

/** What the model says when: the first rule that matches speaks; a request no rule matches is invalid. */
export const Script = z.strictObject({ model: z.string().default('scripted'), rules: z.array(Rule).min(1) });
export type Script = z.input<typeof Script>;
export type ParsedScript = z.output<typeof Script>;
export type ParsedRule = z.output<typeof Rule>;

/** A script written in YAML. Throws ZodError or YAMLException naming the place. */
export const scriptFromYaml = (text: string): ParsedScript => Script.parse(load(text));
