export { createScriptedModel } from './scripted.model.ts';
export { Script, scriptFromYaml } from './script.ts';
