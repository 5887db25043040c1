import { z } from 'zod';

/** US dollars as a decimal text: floats lose cents. */
export const Money = z.string().regex(/^\d{1,12}(\.\d{1,12})?$/, 'must be a decimal number, e.g. "0.0021"');
