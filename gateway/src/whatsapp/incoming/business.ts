/**
 * What businesses send: templates, buttons, lists, interactive messages, products, orders; and invitations. Pure readers;
 * used by messageContent. A header with a file makes it a message of that file's kind.
 */
import type { proto } from '@whiskeysockets/baileys';
import { readMedia, readLocation } from './parts.js';
import { firstText } from './text.js';
import type { ButtonDescription, MessageContent, Reader } from './types.js';

type Buttons = ButtonDescription[];

interface Parts {
  /** Where a picture, a file or a place may hang. */
  header: proto.IMessage | null | undefined;
  texts: (string | null | undefined)[];
  buttons: Buttons;
}

/** Title, body and footer as one text, under the file of the header if there is one. */
function assemble({ header, texts, buttons }: Parts): MessageContent {
  const text = texts.filter((part) => part !== null && part !== undefined && part !== '').join('\n') || null;
  const carried = header ? (readMedia(header) ?? readLocation(header)) : null;
  return { ...(carried ?? { kind: 'text' }), text, buttons };
}

/** Where in a message a file may hang: in itself, or in the header of what a business sends. */
export const carriersOf = (message: proto.IMessage): proto.IMessage[] =>
  [
    message,
    message.templateMessage?.hydratedTemplate,
    message.templateMessage?.hydratedFourRowTemplate,
    message.templateMessage?.fourRowTemplate,
    message.templateMessage?.interactiveMessageTemplate?.header,
    message.highlyStructuredMessage?.hydratedHsm?.hydratedTemplate,
    message.buttonsMessage,
    message.interactiveMessage?.header,
  ].filter((carrier) => carrier !== null && carrier !== undefined);

const button = (id: unknown, title: unknown, url: unknown = null): ButtonDescription => ({
  id: typeof id === 'string' ? id : null,
  title: typeof title === 'string' ? title : null,
  url: typeof url === 'string' ? url : null,
});

/** A text with placeholders that the phone fills in; its values are the best that can be shown of it. */
const structuredText = (message: proto.Message.IHighlyStructuredMessage | null | undefined): string | null =>
  firstText(
    message?.params?.join(' '),
    message?.localizableParams?.map((parameter) => parameter.default ?? '').join(' '),
    message?.elementName,
  );

function hydrated(template: proto.Message.TemplateMessage.IHydratedFourRowTemplate): MessageContent {
  const buttons = (template.hydratedButtons ?? []).map(({ quickReplyButton, urlButton, callButton }) =>
    button(
      quickReplyButton?.id,
      quickReplyButton?.displayText ?? urlButton?.displayText ?? callButton?.displayText,
      urlButton?.url ?? (callButton?.phoneNumber ? `tel:${callButton.phoneNumber}` : null),
    ),
  );
  const { hydratedTitleText, hydratedContentText, hydratedFooterText } = template;
  return assemble({
    header: template,
    texts: [hydratedTitleText, hydratedContentText, hydratedFooterText],
    buttons,
  });
}

function parseButton({ name, buttonParamsJson }: { name?: string | null; buttonParamsJson?: string | null }) {
  let values: Record<string, unknown> = {};
  try {
    values = JSON.parse(buttonParamsJson ?? '{}') as Record<string, unknown>;
  } catch {
    // A button that cannot be read keeps its name.
  }
  return button(values.id ?? name, values.display_text ?? values.title, values.url);
}

function interactive(message: proto.Message.IInteractiveMessage): MessageContent {
  const { header, body, footer, nativeFlowMessage, carouselMessage } = message;
  const cards = (carouselMessage?.cards ?? []).map((card) => interactive(card));
  return assemble({
    header: header,
    texts: [header?.title, body?.text, footer?.text, ...cards.map(({ text }) => text)],
    buttons: [
      ...(nativeFlowMessage?.buttons ?? []).map(parseButton),
      ...cards.flatMap(({ buttons }) => buttons ?? []),
    ],
  });
}

function fourRow(template: proto.Message.TemplateMessage.IFourRowTemplate): MessageContent {
  const buttons = (template.buttons ?? []).map(({ quickReplyButton, urlButton, callButton }) =>
    button(
      quickReplyButton?.id,
      structuredText((quickReplyButton ?? urlButton ?? callButton)?.displayText),
      structuredText(urlButton?.url),
    ),
  );
  const texts = [structuredText(template.content), structuredText(template.footer)];
  return assemble({ header: template, texts, buttons });
}

const readTemplateOf = (template: proto.Message.ITemplateMessage): MessageContent | null => {
  const rows = template.hydratedTemplate ?? template.hydratedFourRowTemplate;
  if (rows) return hydrated(rows);
  if (template.interactiveMessageTemplate) return interactive(template.interactiveMessageTemplate);
  return template.fourRowTemplate ? fourRow(template.fourRowTemplate) : null;
};

export const readTemplate: Reader = ({ templateMessage }) =>
  templateMessage ? readTemplateOf(templateMessage) : null;

export const readStructured: Reader = ({ highlyStructuredMessage: message }) => {
  if (!message) return null;
  const filled = message.hydratedHsm ? readTemplateOf(message.hydratedHsm) : null;
  return filled ?? { kind: 'text', text: structuredText(message) };
};

export const readButtons: Reader = ({ buttonsMessage: message }) => {
  if (!message) return null;
  const buttons = (message.buttons ?? []).map(({ buttonId, buttonText, nativeFlowInfo }) =>
    nativeFlowInfo
      ? parseButton({
          name: nativeFlowInfo.name ?? null,
          buttonParamsJson: nativeFlowInfo.paramsJson ?? null,
        })
      : button(buttonId, buttonText?.displayText),
  );
  const texts = [message.text, message.contentText, message.footerText];
  return assemble({ header: message, texts, buttons });
};

export const readList: Reader = ({ listMessage: list }) => {
  if (!list) return null;
  const rows = (list.sections ?? []).flatMap((section) => section.rows ?? []);
  const buttons = rows.map(({ rowId, title }) => button(rowId, title));
  return assemble({ header: null, texts: [list.title, list.description, list.footerText], buttons });
};

export const readInteractive: Reader = ({ interactiveMessage }) =>
  interactiveMessage ? interactive(interactiveMessage) : null;
