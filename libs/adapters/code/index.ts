export { createCodePort } from './code.adapter.ts';
