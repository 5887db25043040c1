import type { Contract, JsonObject } from '@agent-platform/contracts/kit/index';
import type { Upcast } from '@agent-platform/event-log/index';

/** Brings stored event data to the newest schema by the pure upcasts of the contracts, step by step. Unknown types stay as they are. */
export function createUpcast(contracts: readonly Contract[]): Upcast {
  const events = new Map(contracts.flatMap((contract) => Object.entries(contract.events)));
  return (type, stored, data) => {
    const contract = events.get(type);
    if (!contract || contract.version === stored) return { schema_version: stored, data };
    let version = stored;
    let upcast: JsonObject = data;
    for (let step = contract.upcasts?.[version]; step && version < contract.version; step = contract.upcasts?.[version]) {
      upcast = step(upcast);
      version += 1;
    }
    return { schema_version: version, data: upcast };
  };
}
