/**
 * Campaigns: one message for many, made in the background, paused, resumed, cancelled and reported. A key without
 * messages:read sees only its own.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { may, type Caller } from '../../domain/apiKey.js';
import { variablesIn, type Campaign } from '../../domain/campaign.js';
import { gatewayError } from '../../domain/error.js';
import type { CampaignTemplate, NewCampaign } from '../../outbox/types.js';
import { requireSession } from '../auth.js';
import { MESSAGE_LIMIT_BYTES } from '../body.js';
import { contentOf } from '../content.js';
import type { HttpDeps } from '../deps.js';
import { fieldErrors } from '../fieldErrors.js';
import { parseWithNulls } from '../nulls.js';
import { REPORT_HEAD, toReportLine } from '../reportCsv.js';
import { ok, route, written } from '../route.js';
import * as schema from '../schemas/campaigns.js';
import { idCursor, idParams, pageQuery } from '../schemas/common.js';
import { newMessage, sendHeaders } from '../schemas/messages.js';
import { bodyHash } from './messages.js';

const TAG = 'Campaigns';
const CAMPAIGN_ANSWER = { 200: { description: 'The campaign', schema: schema.campaign } };

/** Types that stand for themselves: the others are about one certain message. */
const SINGLE = ['reaction', 'edit', 'revoke'];
/** Fields of a message that a campaign gives itself, or that make no sense for many. */
const OWN = ['to', 'sessionId', 'sendAt', 'dryRun', 'context'];
const ANYBODY = '+4915112345678';
const ANY_LINK = 'https://example.com/';

const misfit = (path: string, message: string): Error =>
  gatewayError('invalid_request', undefined, { errors: [{ path, message }] });

/** The file of a message whose link has variables, so that everybody gets another one; null: it has none. */
function ownLinkOf(given: Record<string, unknown>): { type: string; part: object; link: string } | null {
  const { type } = given;
  const part: unknown = typeof type === 'string' ? given[type] : null;
  if (typeof type !== 'string' || typeof part !== 'object' || part === null) return null;
  const { link } = part as { link?: unknown };
  return typeof link === 'string' && variablesIn(link).length > 0 ? { type, part, link } : null;
}

/** The message that everybody gets, checked as one to anybody would be. @throws GatewayError invalid_request */
function templateOf(deps: HttpDeps, given: Record<string, unknown>, caller: Caller): NewCampaign['template'] {
  for (const name of OWN)
    if (name in given) throw misfit(`message.${name}`, 'is not a field of a message for many');
  const own = ownLinkOf(given);
  const checked = own === null ? given : { ...given, [own.type]: { ...own.part, link: ANY_LINK } };
  const parsed = parseWithNulls(newMessage, { ...checked, to: ANYBODY });
  if (!parsed.success) {
    const errors = fieldErrors(parsed.error).map(({ path, message }) => ({
      path: `message.${path}`,
      message,
    }));
    throw gatewayError('invalid_request', undefined, { errors });
  }
  const { type, priority, typing, expiresAt } = parsed.data;
  if (type !== undefined && SINGLE.includes(type)) throw misfit('message.type', 'cannot be sent to many');
  const options: Omit<CampaignTemplate, 'content'> = { priority, typing, expiresAt };
  if (own !== null) {
    const part = (parsed.data as unknown as Record<string, object>)[own.type];
    const body = { type: own.type, [own.type]: { ...part, link: own.link } };
    return { content: { type: 'linked', body }, ...options };
  }
  return { content: contentOf(deps, parsed.data, caller), ...options };
}

async function describe({ outbox }: HttpDeps, campaign: Campaign) {
  return schema.toCampaign(campaign, await outbox.campaigns.describe(campaign));
}

/** @throws GatewayError campaign_not_found, forbidden */
async function visible({ outbox }: HttpDeps, caller: Caller, id: string): Promise<Campaign> {
  const campaign = await outbox.campaigns.get(id);
  for (const sessionId of campaign.sessionIds) requireSession(caller, sessionId);
  if (may(caller.role, 'messages:read') || campaign.caller.keyId === caller.keyId) return campaign;
  throw gatewayError('forbidden', 'This key sees only the campaigns that it made.');
}

const change = (verb: 'pause' | 'resume' | 'cancel', summary: string) =>
  route(
    {
      method: 'post',
      path: `/v1/campaigns/{id}/${verb}`,
      tag: TAG,
      summary,
      access: 'messages:send',
      params: idParams,
      answers: CAMPAIGN_ANSWER,
      errors: ['campaign_not_found', 'invalid_state'],
    },
    async (deps, { caller, params }) => {
      const { id } = await visible(deps, caller, params.id);
      return ok(await describe(deps, await deps.outbox.campaigns[verb](id)));
    },
  );

const create = route(
  {
    method: 'post',
    path: '/v1/campaigns',
    tag: TAG,
    summary: 'Send one message to many',
    description:
      'Answers 202 once the campaign is stored durably. Its messages are made in the background, each through the same checks as a single one; what they come to is in the counts and in the report.',
    access: 'messages:send',
    headers: sendHeaders,
    body: schema.newCampaign,
    bodyLimitBytes: MESSAGE_LIMIT_BYTES,
    answers: { 202: { description: 'Stored; its messages are being made', schema: schema.createdCampaign } },
    errors: [
      'session_not_found',
      'media_not_found',
      'media_unreachable',
      'media_too_large',
      'target_not_allowed',
      'idempotency_key_reused',
    ],
  },
  async (deps, { caller, headers, body }) => {
    const { name, sessionIds, recipients, sendAt } = body;
    for (const id of sessionIds) requireSession(caller, id);
    const template = templateOf(deps, body.message, caller);
    const key = headers['idempotency-key'];
    const { campaign, replayed } = await deps.outbox.campaigns.create(
      caller,
      { name, sessionIds, template, recipients, sendAt },
      key === undefined ? null : { key, bodyHash: bodyHash(body) },
    );
    const refused = await deps.outbox.campaigns.refused(campaign.id, schema.REJECTED_SHOWN);
    const described = await describe(deps, campaign);
    await deps.durable();
    const replay: Record<string, string> = replayed ? { 'Idempotent-Replayed': 'true' } : {};
    return { status: 202, json: { ...described, rejected: refused.map(schema.toRejected) }, headers: replay };
  },
);

async function* linesOf({ outbox }: HttpDeps, id: string): AsyncGenerator<string> {
  yield REPORT_HEAD;
  for await (const rows of outbox.campaigns.report(id)) yield rows.map(toReportLine).join('');
}

const report = route(
  {
    method: 'get',
    path: '/v1/campaigns/{id}/report.csv',
    tag: TAG,
    summary: 'What became of each recipient, as CSV',
    access: 'messages:read-own',
    params: idParams,
    answers: { 200: { description: 'One line per recipient, in their order', contentTypes: ['text/csv'] } },
    errors: ['campaign_not_found'],
  },
  async (deps, { caller, params, response }) => {
    const { id } = await visible(deps, caller, params.id);
    await deps.durable();
    response.set('Content-Disposition', `attachment; filename="${id}.csv"`).type('text/csv; charset=utf-8');
    // A client that goes away in the middle has what it wanted; there is nobody to tell.
    await pipeline(Readable.from(linesOf(deps, id)), response).catch(() => undefined);
    return written;
  },
);

export const campaignRoutes = [
  create,
  route(
    {
      method: 'get',
      path: '/v1/campaigns',
      tag: TAG,
      summary: 'List campaigns, newest first',
      access: 'messages:read-own',
      query: pageQuery(idCursor('cmp')),
      answers: { 200: { description: 'A page of the campaigns', schema: schema.campaignPage } },
    },
    async (deps, { caller, query }) => {
      const keyId = may(caller.role, 'messages:read') ? undefined : caller.keyId;
      const { data, nextCursor } = await deps.outbox.campaigns.list({ ...query, keyId });
      const shown = data.filter(({ sessionIds }) =>
        caller.sessionIds.length === 0 ? true : sessionIds.every((id) => caller.sessionIds.includes(id)),
      );
      return ok({ data: await Promise.all(shown.map((one) => describe(deps, one))), nextCursor });
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/campaigns/{id}',
      tag: TAG,
      summary: 'Get a campaign with its counts',
      access: 'messages:read-own',
      params: idParams,
      answers: CAMPAIGN_ANSWER,
      errors: ['campaign_not_found'],
    },
    async (deps, { caller, params }) => ok(await describe(deps, await visible(deps, caller, params.id))),
  ),
  change('pause', 'Pause a campaign: nothing more of it goes out'),
  change('resume', 'Resume a campaign'),
  change('cancel', 'Cancel a campaign for good'),
  report,
];
