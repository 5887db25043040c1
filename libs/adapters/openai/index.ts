export { createOpenAiModel } from './openai.adapter.ts';
export type { OpenAiModelConfig } from './openai.adapter.ts';
