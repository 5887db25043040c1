import { LlmConfig } from '@agent-platform/contracts/nodes/llm.config';
import { type EffectContext, storable, storableText } from '@agent-platform/kernel/index';
import type { CallOrigin, ChatResult } from '@agent-platform/ports/index';
import type { EffectNode, NodeEnd } from './node.ts';
import { attempt } from './outcome.ts';
import { asText, renderFields, templateProblems } from './render.ts';

/** The rendered ChatRequest. */
type Request = {
  model?: string;
  messages: { role: 'system' | 'user' | 'assistant'; content: string }[];
  temperature?: number;
  max_tokens?: number;
  cache_seconds?: number;
};
type Message = Request['messages'][number];

function messagesOf(config: LlmConfig): readonly Message[] {
  if (config.messages) return config.messages;
  const user: Message = { role: 'user', content: config.prompt ?? '' };
  return config.system_prompt === undefined ? [user] : [{ role: 'system', content: config.system_prompt }, user];
}

function replied(result: ChatResult): NodeEnd {
  const { value: text, changes } = storableText(result.text);
  const { model, usage, finish_reason, cached } = result;
  const cleaned = Object.keys(changes).length > 0 && { cleaned: { ...changes } };
  return { status: 'completed', output_json: storable({ model, usage, finish_reason, ...(cached && { cached }), ...cleaned }).value, output_text: text };
}

/** Whose call it is. A node's key is `<workspace>/<run>/<node>`; what a skill does for a node of a run is that run's too. */
function originOf({ stream: { workspace_id, category, stream_id }, key, parent }: EffectContext): CallOrigin {
  const node_id = key.split('/')[2];
  if (category === 'run') return { workspace_id, run_id: stream_id, ...(node_id !== undefined && { node_id }) };
  const of = parent && { run_id: parent.run_id, node_id: parent.node_id };
  return { workspace_id, ...(category === 'skill_run' && { skill_run_id: stream_id }), ...of };
}

/**
 * Asks the model gateway. Tokens go out on the live topic `tokens` as `{key, offset, text}` while they come in;
 * `offset` counts UTF-16 units of the reply, so a reply that begins again after a crash overwrites the earlier one.
 */
export const llmNode: EffectNode<LlmConfig, Request> = {
  types: ['llm'],
  kind: 'effect',
  summary: 'Asks a language model.',
  config: LlmConfig,
  check: ({ system_prompt, prompt, messages }) => templateProblems({ system_prompt, prompt, messages }),
  request(config, scope) {
    const messages = messagesOf(config);
    const rendered = renderFields(Object.fromEntries(messages.map(({ content }, at) => [`${at}`, content])), scope);
    if ('failed' in rendered) return rendered;
    return {
      ...(config.model !== undefined && { model: config.model }),
      messages: messages.map(({ role }, at) => ({ role, content: asText(rendered.value[`${at}`]) })),
      ...(config.temperature !== undefined && { temperature: config.temperature }),
      ...(config.max_tokens !== undefined && { max_tokens: config.max_tokens }),
      ...(config.cache_seconds !== undefined && { cache_seconds: config.cache_seconds }),
    };
  },
  onUnknown: () => 'repeat',
  async perform(request, ports, context) {
    const { key, signal } = context;
    let offset = 0;
    const onToken = (text: string): void => {
      context.live('tokens', { key, offset, text });
      offset += text.length;
    };
    return attempt(context, async () => replied(await ports.model.chat(request, { key, signal, onToken, origin: originOf(context) })));
  },
};
