import { z } from 'zod';
import { Id, JsonObject, JsonValue, Name } from '../kit/index.ts';
import { CodeConfig } from '../nodes/code.config.ts';
import { ToolConfig } from '../nodes/tool.config.ts';
import { RetryPolicy } from '../workflow/definition.ts';

/** What carries out a skill. */
export const RuntimeType = z.enum(['template', 'prompt', 'workflow', 'tool', 'code']);
export type RuntimeType = z.output<typeof RuntimeType>;

const SkillTemplate = z.string().max(200_000).meta({ description: 'Text in which $name and ${name} stand for parameters, and $$ for a dollar' });

/** Text files that a skill brings along, by path. */
export const SkillFiles = z.record(z.string().min(1).max(300), z.string().max(500_000));

/** Files of a skill that are no text, or too long for a model, by path: their bytes lie beside the log. */
export const SkillResources = z.record(
  z.string().min(1).max(300),
  z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex'), bytes: z.int().min(0) }),
);

const retry = RetryPolicy.optional().meta({ description: 'For failures that may pass, as for nodes of workflows; absent: none' });

const TemplateImplementation = z.strictObject({ template: SkillTemplate });

const PromptImplementation = z.strictObject({
  prompt: SkillTemplate,
  system_prompt: SkillTemplate.optional(),
  instructions: z.string().max(200_000).optional().meta({ description: 'Told to the model as it is, before system_prompt: nothing is filled in' }),
  files: SkillFiles.optional().meta({ description: 'Shown to the model after the instructions' }),
  resources: SkillResources.optional().meta({ description: 'Files that are no text: named to the model, served to whoever reads the version' }),
  manifest: z.string().max(500_000).optional().meta({ description: 'SKILL.md as it was imported. Told to nobody' }),
  front_matter: JsonObject.optional().meta({
    description: 'Of an imported SKILL.md, besides name and description: license, compatibility, metadata, allowed-tools. Told to nobody',
  }),
  model: Name.optional(),
  temperature: z.number().min(0).max(2).optional(),
  max_tokens: z.int().min(1).max(1_000_000).optional(),
  retry,
});

const WorkflowImplementation = z.strictObject({
  workflow_id: Id,
  workflow_version_id: Id.optional().meta({ description: 'Absent: the version that is published when the run begins' }),
});

/** A step is the config of a `tool` node with an id and what to do when it fails; its templates see `input` and `nodes.<id of an earlier step>`. */
const ToolStep = z.looseObject({ id: Id, retry }).transform(({ id, retry: again, ...config }, context) => {
  const parsed = ToolConfig.safeParse(config);
  if (parsed.success) return { id, config: parsed.data, ...(again && { retry: again }) };
  for (const { message, path } of parsed.error.issues) context.issues.push({ code: 'custom', message, path, input: config });
  return z.NEVER;
});

const ToolImplementation = z.strictObject({
  steps: z
    .array(ToolStep)
    .min(1)
    .max(20)
    .refine((steps) => new Set(steps.map(({ id }) => id)).size === steps.length, 'ids of steps must differ'),
  output: JsonValue.optional().meta({ description: 'JSON whose texts are {{ templates }} over input and nodes; absent: the output of the last step' }),
});

const CodeImplementation = z.strictObject({
  language: CodeConfig.shape.language,
  code: CodeConfig.shape.code.meta({ description: 'Finds the parameters as `payload`, leaves the output in `result`' }),
  timeout_seconds: CodeConfig.shape.timeout_seconds,
  retry,
});

/** What `implementation_json` must be, by runtime. */
export const implementations = {
  template: TemplateImplementation,
  prompt: PromptImplementation,
  workflow: WorkflowImplementation,
  tool: ToolImplementation,
  code: CodeImplementation,
} as const satisfies Record<RuntimeType, z.ZodType>;

export type Implementation = { readonly [R in RuntimeType]: { readonly runtime: R } & z.output<(typeof implementations)[R]> }[RuntimeType];
