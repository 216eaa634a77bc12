/**
 * Who is in a group, and what its owner, its admins and everybody else can do about it.
 */
import { ask, attempt, textField } from '../shared/dialog.js';
import { h } from '../shared/dom.js';
import type { OpenChat } from './api.js';
import { changeMembers, renameGroup, type Place } from './actions.js';
import { phoneNumber } from './format.js';
import { choosePerson, type People } from './people.js';
import { avatar } from './pieces.js';

type Member = OpenChat['members'][number];

function askSubject(place: Place, { title }: OpenChat): void {
  ask({
    title: 'Rename the group',
    content: [
      textField('Subject', {
        name: 'subject',
        value: title,
        required: true,
        maxlength: '100',
        autocomplete: 'off',
      }),
    ],
    confirm: 'Save',
    onConfirm: async ({ text }) => {
      await renameGroup(place, text('subject'));
    },
  });
}

/** Opens the members of a group. Admins can change who is in it, everybody can rename and leave it. */
export function openGroup(place: Place, chat: OpenChat, people: People): void {
  const { members } = chat;
  const own = members.find(({ number }) => number === place.number);
  const isAdmin = own !== undefined && own.role !== 'member';
  const then = (work: () => void) => () => {
    close();
    work();
  };
  const button = (label: string, work: () => void, tone = ''): HTMLElement =>
    h('button', { type: 'button', class: `button ${tone}`, onclick: then(work) }, label);
  const change =
    (action: 'remove' | 'promote' | 'demote', { number }: Member) =>
    (): void =>
      attempt(() => changeMembers(place, action, [number]));
  const controls = (member: Member): HTMLElement | false =>
    isAdmin &&
    member.number !== place.number &&
    member.role !== 'superadmin' &&
    h(
      'div',
      { class: 'choices' },
      member.role === 'member'
        ? button('Make admin', change('promote', member))
        : button('Dismiss as admin', change('demote', member)),
      button('Remove', change('remove', member), 'danger'),
    );
  const rows = members.map((member) =>
    h(
      'li',
      {},
      avatar(member.name, member.number),
      h('span', {}, member.name, h('small', {}, phoneNumber(member.number))),
      member.role !== 'member' && h('em', {}, member.role === 'superadmin' ? 'owner' : 'admin'),
      controls(member),
    ),
  );
  const add = (): void =>
    choosePerson(people, {
      title: 'Add to the group',
      except: members.map(({ number }) => number),
      onChoose: (number) => attempt(() => changeMembers(place, 'add', [number])),
      canMake: ['contact'],
    });
  const leave = (): void => attempt(() => changeMembers(place, 'remove', [place.number]));
  const choices = own
    ? [
        isAdmin && button('Add somebody', add),
        button('Rename', () => askSubject(place, chat)),
        button('Leave the group', leave, 'danger'),
      ]
    : [h('p', { class: 'quiet' }, 'This phone is not in the group any more.')];
  const close: () => void = ask({
    title: chat.title,
    content: [h('ul', { class: 'people members' }, ...rows), h('div', { class: 'choices' }, ...choices)],
  });
}
