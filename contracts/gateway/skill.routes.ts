import { z } from 'zod';
import { Id, PageParams } from '../kit/index.ts';
import { defineRoutes } from './route.ts';

/** Routes about skills that are neither a command nor a page of a read model. */
export const skillRoutes = defineRoutes({
  'skill.file': {
    method: 'GET',
    path: '/skills/versions/{skill_version_id}/file',
    summary: 'A file of the folder that a version was imported from, byte for byte.',
    params: z.object({
      skill_version_id: Id,
      path: z.string().min(1).max(300).meta({ description: 'Inside the folder, e.g. assets/logo.png' }),
      read_after: PageParams.read_after,
    }),
    answer: z.string().meta({ format: 'binary' }),
    media: ['application/octet-stream'],
  },
});
