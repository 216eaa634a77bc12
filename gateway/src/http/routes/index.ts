/**
 * All routes, in the order of the docs. http/app serves this list and http/openapi describes it.
 */
import { batchRoutes } from './batch.js';
import { campaignRoutes } from './campaigns.js';
import { chatRoutes } from './chats.js';
import { docsRoutes } from './docs.js';
import { deliveryRoutes } from './deliveries.js';
import { eventRoutes } from './events.js';
import { keyRoutes } from './keys.js';
import { mediaRoutes } from './media.js';
import { messageLogRoutes } from './messageLog.js';
import { messageRoutes } from './messages.js';
import { optOutRoutes } from './optOuts.js';
import { operationsRoutes } from './operations.js';
import { qrRoutes } from './qr.js';
import { sessionLifeRoutes } from './sessionLife.js';
import { sessionRoutes } from './sessions.js';
import { webhookRoutes } from './webhooks.js';
import type { Route } from '../route.js';

export const ALL_ROUTES: Route[] = [
  ...sessionRoutes,
  ...qrRoutes,
  ...sessionLifeRoutes,
  ...chatRoutes,
  ...messageRoutes,
  ...batchRoutes,
  ...messageLogRoutes,
  ...campaignRoutes,
  ...mediaRoutes,
  ...optOutRoutes,
  ...webhookRoutes,
  ...deliveryRoutes,
  ...eventRoutes,
  ...keyRoutes,
  ...operationsRoutes,
  ...docsRoutes,
];
