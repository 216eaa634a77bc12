/**
 * Communities: groups that other groups belong to. As much of them as the client can ask for.
 */
import type { QueryAnswer } from '../queries/query.js';
import { allChildren, childrenOf, node, type BinaryNode } from '../wire/nodes.js';
import type { World } from '../world.js';
import { isAdmin, type Group } from './groups.js';
import { announce, type Scene } from './membership.js';
import { groupNode } from './nodes.js';

const partsOf = (world: World, community: Group): Group[] =>
  world.groups.all().filter((group) => group.community === community.id);

/** The groups of a community. */
export const listParts = ({ world, group }: Scene): QueryAnswer => [
  node(
    'sub_groups',
    {},
    partsOf(world, group).map((part) => groupNode(world.directory, part)),
  ),
];

/** Every part that the actor may speak for is taken in or let go; the others are named with an error. */
function relate(scene: Scene, asked: readonly BinaryNode[], community: string | undefined): BinaryNode[] {
  const { world, actor } = scene;
  return asked.map(({ attrs }) => {
    const part = world.groups.find(attrs.jid ?? '');
    if (!part || !isAdmin(part, actor)) return node('group', { jid: attrs.jid, error: part ? 403 : 404 });
    part.community = community;
    const news = community === undefined ? 'unlink' : 'link';
    announce(
      { ...scene, group: part },
      node(news, { [`${news}_type`]: 'parent_group' }, [node('group', { jid: scene.group.id })]),
    );
    return node('group', { jid: attrs.jid });
  });
}

export const linkParts = (scene: Scene, request: BinaryNode): QueryAnswer => [
  node(
    'links',
    {},
    childrenOf(request, 'link').map((link) =>
      node('link', { link_type: link.attrs.link_type }, relate(scene, allChildren(link), scene.group.id)),
    ),
  ),
];

export const unlinkParts = (scene: Scene, request: BinaryNode): QueryAnswer => [
  node('unlink', { unlink_type: request.attrs.unlink_type }, relate(scene, allChildren(request), undefined)),
];
