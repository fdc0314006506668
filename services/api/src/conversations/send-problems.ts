import { RequestProblem } from '@switchboard/platform/problem';

/** Why a message can't be sent, with what would be right. */
const reasons = {
  opted_out: {
    status: 409,
    detail: 'The contact asked not to be written to.',
    location: 'path.id',
    fix: 'a call, or wait until the contact writes START',
  },
  outside_window: {
    status: 409,
    detail: 'More than 24 hours have passed since the contact wrote; WhatsApp takes only a template now.',
    location: 'body.text',
    fix: 'template with its variables, instead of text',
  },
  no_address: {
    status: 409,
    detail: 'No number is known that could be written to.',
    location: 'path.id',
    fix: 'a conversation whose contact has a number',
  },
  not_a_chat: {
    status: 409,
    detail: 'This is a call: nothing can be written in it.',
    location: 'path.id',
    fix: 'a conversation by message',
  },
  twilio_not_configured: {
    status: 409,
    detail: 'The clinic has no account with Twilio to send with.',
    location: 'path.id',
    fix: 'an account, its token and a WhatsApp number in the settings',
  },
  files_not_configured: {
    status: 409,
    detail: 'The installation does not say where Twilio could fetch a file.',
    location: 'body.file_id',
    fix: 'a text; or API_PUBLIC_URL among the installation’s settings',
  },
  whatsapp_only: {
    status: 409,
    detail: 'Messages go out by WhatsApp alone.',
    location: 'path.id',
    fix: 'a conversation by WhatsApp, or a call',
  },
  file_unknown: {
    status: 422,
    detail: 'There is no such file, or it waited for longer than an hour.',
    location: 'body.file_id',
    fix: 'the id of a file that was uploaded within the hour',
  },
  quoted_unknown: {
    status: 422,
    detail: 'What is quoted is not in this conversation.',
    location: 'body.quoted_message_id',
    fix: 'the id of a message of the conversation',
  },
} as const;

export function whyNotSent(code: keyof typeof reasons): RequestProblem {
  const { status, detail, location, fix } = reasons[code];
  return new RequestProblem(status, code, detail, { errors: [{ location, message: detail, fix }] });
}
