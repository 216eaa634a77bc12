/**
 * What businesses show: `w:biz`, their profile; `w:biz:catalog`, what they sell (nobody sells anything here); `fb:thrift_iq`,
 * orders (there are none).
 */
import type { Account, BusinessProfile } from '../directory/directory.js';
import { childOf, childText, childrenOf, node, textNode, type BinaryNode } from '../wire/nodes.js';
import type { QueryAnswer, QueryHandler } from './query.js';

const NOT_FOUND = { code: 404, text: 'item-not-found' };
const TEXTS = ['description', 'address', 'email', 'website'] as const;

/** A client changes the profile of its own account; what is not named stays. */
function change(account: Account, profile: BinaryNode): QueryAnswer {
  const changed: BusinessProfile = { description: '', ...account.business };
  for (const name of TEXTS) changed[name] = childText(profile, name) ?? changed[name] ?? '';
  const hours = childOf(profile, 'business_hours');
  if (hours) {
    const days = childrenOf(hours, 'business_hours_config').map(({ attrs }) => attrs);
    changed.hours = { timezone: hours.attrs.timezone, days };
  }
  account.business = changed;
  return [];
}

function profileNodes(business: BusinessProfile): BinaryNode[] {
  const { category, hours } = business;
  const nodes = TEXTS.flatMap((name) => {
    const text = business[name];
    return text || name === 'description' ? [textNode(name, text ?? '')] : [];
  });
  if (category) nodes.push(node('categories', {}, [textNode('category', category)]));
  if (hours) {
    const days = hours.days.map((day) => node('business_hours_config', day));
    nodes.push(node('business_hours', { timezone: hours.timezone }, days));
  }
  return nodes;
}

/** The profile of a business; accounts without one get an empty answer. */
export const answerBusiness: QueryHandler = ({ world, account }, iq) => {
  const profile = childOf(iq, 'business_profile');
  if (iq.attrs.type === 'set') return profile && change(account, profile);
  const { jid } = childOf(profile, 'profile')?.attrs ?? {};
  const business = world.directory.byJid(jid)?.business;
  if (!business) return [node('business_profile', {}, [])];
  return [node('business_profile', {}, [node('profile', { jid }, profileNodes(business))])];
};

/** Every catalogue is empty, and stays so: filling one is a query that nobody answers. */
export const answerCatalogue: QueryHandler = (_session, iq) => {
  const asked = childOf(iq, 'product_catalog') ?? childOf(iq, 'collections');
  return iq.attrs.type === 'get' && asked ? [node(asked.tag, {}, [])] : undefined;
};

/** No order was ever made. */
export const answerOrders: QueryHandler = () => NOT_FOUND;
