/**
 * `w:profile:picture`: the pictures of people and groups. They are files of the media host, and whoever knows the one who changed
 * a picture is told. The queries of clients lead here.
 */
import { randomBytes } from 'node:crypto';
import { jidOf } from '../directory/address.js';
import { notification, tellAcquaintances } from '../directory/changes.js';
import { linkedDevices, type Account, type ProfilePicture } from '../directory/directory.js';
import { isAdmin, membersOf, type Group } from '../groups/groups.js';
import type { Session } from '../login/session.js';
import { childBytes, childOf, node, type BinaryNode } from '../wire/nodes.js';
import type { QueryAnswer, QueryHandler } from './query.js';

const NOT_FOUND = { code: 404, text: 'item-not-found' };
const FORBIDDEN = { code: 403, text: 'forbidden' };

const asNode = ({ id, url, directPath }: ProfilePicture, type: string | undefined): BinaryNode =>
  node('picture', { id, type: type ?? 'preview', url, direct_path: directPath });

/** What others' clients hear of it: that there is another picture, or none. */
function newsOf(picture: ProfilePicture | undefined, owner: string, author: string): BinaryNode[] {
  return [node(picture ? 'set' : 'delete', { jid: owner, id: picture?.id, author })];
}

/** Without bytes there is no picture afterwards. */
function keep({ world }: Session, bytes: Buffer | undefined): ProfilePicture | undefined {
  if (!bytes) return undefined;
  const name = randomBytes(32).toString('base64url');
  return { id: String(Date.now()), ...world.media.store({ name, bytes }) };
}

function changeOwn(session: Session, bytes: Buffer | undefined): QueryAnswer {
  const { world, account, device } = session;
  account.picture = keep(session, bytes);
  const own = jidOf(account, 'pn');
  const news = notification('picture', own, newsOf(account.picture, own, own));
  tellAcquaintances(world, account, news);
  for (const other of linkedDevices(account)) if (other !== device) other.queue.push(news);
  return account.picture ? [node('picture', { id: account.picture.id })] : [];
}

function changeGroup(session: Session, group: Group, bytes: Buffer | undefined): QueryAnswer {
  const { world, account } = session;
  const mayDo = group.members.has(account.number) && (!group.isLocked || isAdmin(group, account));
  if (!mayDo) return FORBIDDEN;
  group.picture = keep(session, bytes);
  const author = jidOf(account, group.addressing);
  const news = notification('picture', group.id, newsOf(group.picture, group.id, author));
  for (const member of membersOf(world.directory, group)) {
    for (const device of linkedDevices(member)) device.queue.push(news);
  }
  return group.picture ? [node('picture', { id: group.picture.id })] : [];
}

/** A picture of somebody, of oneself or of a group; clients change their own and those of groups that let them. */
export const answerPicture: QueryHandler = (session, iq) => {
  const { world, account } = session;
  const { target, type } = iq.attrs;
  const group = world.groups.find(target ?? '');
  const person: Account | undefined = target === undefined ? account : world.directory.byJid(target);
  if (type === 'set') {
    const bytes = childBytes(iq, 'picture');
    if (group) return changeGroup(session, group, bytes);
    return person === account ? changeOwn(session, bytes) : FORBIDDEN;
  }
  const { picture } = group ?? person ?? {};
  return picture ? [asNode(picture, childOf(iq, 'picture')?.attrs.type)] : NOT_FOUND;
};
