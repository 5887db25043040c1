export { createOfflineModel, OFFLINE_MODEL } from './offline.model.ts';
export { structuredReply, type StructuredReply } from './structured.reply.ts';
export { countTokens } from './words.ts';
