export { createScriptedModel } from './scripted.model.ts';
export type { ScriptedCall, ScriptedModel, ScriptedModelOptions } from './scripted.model.ts';
export { Script, scriptFromYaml } from './script.ts';
export type { ParsedScript } from './script.ts';
