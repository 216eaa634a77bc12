/**
 * Choosing and making people: whose phone to look at, whom to write to, who is in a group.
 */
import { ask, textField } from '../shared/dialog.js';
import { fill, h } from '../shared/dom.js';
import type { Desk, Person } from './api.js';
import { createGroup, createPerson } from './actions.js';
import { phoneNumber } from './format.js';
import { avatar } from './pieces.js';

export interface People {
  /** Those whose name or number has this part; at most a hundred. */
  find: (search: string) => Promise<Desk>;
}

const label = ({ kind, linkedDevices }: Person): string => {
  if (kind === 'contact') return 'contact';
  return linkedDevices === 0 ? 'phone, nothing linked' : `phone, ${String(linkedDevices)} linked`;
};

const describe = (person: Person): Node[] => [
  avatar(person.name, person.number),
  h('span', {}, person.name, h('small', {}, `${phoneNumber(person.number)} · ${label(person)}`)),
];

/** A number nobody has, from the range that telephone authorities keep for films and tests. */
const freeNumber = (): string => `49155500${String(Math.floor(Math.random() * 90_000) + 10_000)}`;

/** Asks for a new person. Calls back with the number. */
export function askNewPerson(kind: 'phone' | 'contact', onMade: (number: string) => void): void {
  const what =
    kind === 'phone'
      ? 'A phone can scan QR codes, as yours would.'
      : 'A contact is somebody who writes to you.';
  ask({
    title: kind === 'phone' ? 'New phone' : 'New contact',
    content: [
      h('p', { class: 'quiet' }, what),
      textField('Name', {
        name: 'name',
        required: true,
        maxlength: '100',
        autocomplete: 'off',
        autofocus: true,
      }),
      textField(
        'Number',
        { name: 'number', required: true, inputmode: 'tel', autocomplete: 'off', value: freeNumber() },
        'Country code first. It exists in the simulation only.',
      ),
    ],
    confirm: 'Create',
    onConfirm: async ({ text }) => {
      const number = text('number').replace(/[^\d]/g, '');
      await createPerson(kind, { number, name: text('name') });
      onMade(number);
    },
  });
}

interface Choice {
  title: string;
  except: string[];
  onChoose: (number: string) => void;
  /** Kinds of new people that can be made from here. */
  canMake: ('phone' | 'contact')[];
}

/** Lets one person be chosen, with a search, or a new one be made. */
export function choosePerson(people: People, { title, except, onChoose, canMake }: Choice): void {
  const list = h('ul', { class: 'people' });
  const count = h('p', { class: 'quiet', role: 'status' });
  const choose = (number: string) => () => {
    close();
    onChoose(number);
  };
  const draw = async (search: string): Promise<void> => {
    const { people: found, peopleCount } = await people.find(search);
    const shown = found.filter(({ number }) => !except.includes(number));
    fill(
      list,
      ...shown.map((person) =>
        h(
          'li',
          {},
          h(
            'button',
            { type: 'button', class: 'person', onclick: choose(person.number) },
            ...describe(person),
          ),
        ),
      ),
    );
    const more = peopleCount - found.length;
    fill(
      count,
      shown.length === 0 ? 'Nobody found.' : more > 0 ? `${String(more)} more; search to find them.` : '',
    );
  };
  const search = textField('Search', { type: 'search', autocomplete: 'off' });
  search.addEventListener('input', () => void draw(search.querySelector('input')?.value ?? ''));
  const make = canMake.map((kind) =>
    h(
      'button',
      {
        type: 'button',
        class: 'button',
        onclick: () => {
          close();
          askNewPerson(kind, onChoose);
        },
      },
      kind === 'phone' ? 'New phone' : 'New contact',
    ),
  );
  const close = ask({ title, content: [search, list, count, h('div', { class: 'choices' }, ...make)] });
  void draw('');
}

/** Asks for a new group of the phone's owner. Calls back with its id. */
export async function askNewGroup(
  people: People,
  creator: string,
  onMade: (id: string) => void,
): Promise<void> {
  const { people: known } = await people.find('');
  const others = known.filter(({ number }) => number !== creator);
  const boxes = others.map((person) =>
    h(
      'li',
      {},
      h(
        'label',
        { class: 'person' },
        h('input', { type: 'checkbox', name: 'member', value: person.number }),
        ...describe(person),
      ),
    ),
  );
  ask({
    title: 'New group',
    content: [
      textField('Subject', {
        name: 'subject',
        required: true,
        maxlength: '100',
        autocomplete: 'off',
        autofocus: true,
      }),
      h('fieldset', {}, h('legend', {}, 'Members'), h('ul', { class: 'people' }, ...boxes)),
    ],
    confirm: 'Create',
    onConfirm: async ({ text, all }) => {
      const members = all('member');
      if (members.length === 0) throw new Error('Choose at least one member.');
      const { id } = await createGroup(creator, text('subject'), members);
      onMade(id);
    },
  });
}
