import { z } from 'zod';

/** Paging and freshness parameters that every list takes. */
export const PageParams = {
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().max(400).optional(),
  total: z.enum(['true', 'false']).optional().meta({ description: 'true: also count everything that matches the filters' }),
  read_after: z.uuid().optional().meta({ description: 'wait until the read model shows this event' }),
};

/** Parameters of a read of one record. */
export const GetParams = { read_after: PageParams.read_after };

/** A page of a list: `next_cursor` is null on the last one; `position` is what the read model reflects; `total` only when asked for. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable(), position: z.int(), total: z.int().min(0).optional() });
