export { createKnowledgeSearch } from './knowledge.search.ts';
