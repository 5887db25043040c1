export { createKnowledge } from './knowledge.ts';
