export { createOfflineModel, OFFLINE_MODEL } from './offline.model.ts';
