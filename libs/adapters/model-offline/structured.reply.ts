import { z } from 'zod';
import { fillSchema } from './fill-schema.ts';
import { stems } from './words.ts';

const Tool = z.object({
  type: z.literal('function'),
  function: z.object({ name: z.string(), description: z.string().nullish(), parameters: z.unknown() }),
});

const StructuredRequest = z.object({
  tools: z.array(z.unknown()).nullish(),
  tool_choice: z.union([z.string(), z.object({ function: z.object({ name: z.string() }) })]).nullish(),
  response_format: z.object({ type: z.string(), json_schema: z.object({ schema: z.unknown() }).nullish() }).nullish(),
});

/** What a request for tools or for JSON is answered with. */
export type StructuredReply = { readonly kind: 'tool'; readonly name: string; readonly arguments: string } | { readonly kind: 'json'; readonly text: string };

/**
 * Follows simple requests for tools and structured output, in OpenAI's form; null when the request wants a text.
 * `last` is the last message: its text decides, and after a tool's answer no further tool is called.
 */
export function structuredReply(request: unknown, last: { readonly role: string; readonly content: string }): StructuredReply | null {
  const parsed = StructuredRequest.safeParse(request);
  if (!parsed.success) return null;
  const { tools, tool_choice, response_format } = parsed.data;
  const known = (tools ?? []).flatMap((tool) => Tool.safeParse(tool).data?.function ?? []);
  const tool = last.role === 'tool' || tool_choice === 'none' ? undefined : chosen(known, tool_choice ?? 'auto', last.content);
  if (tool) return { kind: 'tool', name: tool.name, arguments: JSON.stringify(fillSchema(tool.parameters, last.content)) };
  if (response_format?.type === 'json_schema') return { kind: 'json', text: JSON.stringify(fillSchema(response_format.json_schema?.schema, last.content)) };
  if (response_format?.type === 'json_object') return { kind: 'json', text: JSON.stringify({ answer: fillSchema({ type: 'string' }, last.content) }) };
  return null;
}

type Described = z.output<typeof Tool>['function'];

/** The tool that was named, or whose words occur most in the text: of its name one is enough, of its description two. */
function chosen(tools: readonly Described[], choice: string | { function: { name: string } }, text: string): Described | undefined {
  if (typeof choice === 'object') return tools.find(({ name }) => name === choice.function.name);
  const said = new Set(stems(text));
  const shared = (words: string) => new Set(stems(words).filter((word) => said.has(word))).size;
  const scored = tools.map((tool) => ({ tool, score: 2 * shared(tool.name.replaceAll(/[_-]/g, ' ')) + shared(tool.description ?? '') }));
  const best = scored.toSorted((a, b) => b.score - a.score)[0];
  return best && (best.score >= 2 || choice === 'required') ? best.tool : undefined;
}
