import type { AppendResult, LeaseUse } from '../event-log.ts';

export interface Lease {
  readonly epoch: number;
  readonly owner: number | null;
  readonly until: number;
}

/** Null when the use is allowed; the rules are those of schema/0003_append.sql. */
export function checkLease(lease: Lease, use: LeaseUse | undefined, now: number, alive: ReadonlySet<number>): AppendResult | null {
  if (use?.use === 'claim' && lease.owner !== null && lease.owner !== use.owner && lease.until >= now && alive.has(lease.owner))
    return { status: 'leased', owner: lease.owner };
  if (use?.use === 'hold' && (lease.owner !== use.owner || lease.epoch !== use.epoch)) return { status: 'stale', epoch: lease.epoch };
  return null;
}

/** The lease after an append that was allowed. */
export function settleLease(lease: Lease, use: LeaseUse | undefined, release: boolean, now: number): Lease {
  if (!use) return lease;
  const renewed = use.use === 'claim' && (lease.owner !== use.owner || lease.until < now);
  return { epoch: lease.epoch + (renewed ? 1 : 0), owner: release ? null : use.owner, until: release ? 0 : now + use.ttlMs };
}
