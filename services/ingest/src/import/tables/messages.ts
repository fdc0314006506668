import { isCellError, minorUnits, patientColumns, type Table, textOf, updatedAt } from '../table.ts';

export const messages: Table = {
  name: 'messages',
  needs: ['id', 'channel'],
  counts: { sent_at: 'they count as sent when they were updated, or else when they are imported' },
  columns: [
    { name: 'id', form: 'text', aliases: ['message_id', 'external_id'] },
    ...patientColumns,
    { name: 'channel', form: 'word', to: 'channel' },
    { name: 'direction', form: 'word', to: 'direction' },
    { name: 'from', form: 'text', to: 'from_address', aliases: ['from_address', 'sender'] },
    { name: 'to', form: 'text', to: 'to_address', aliases: ['to_address', 'recipient'] },
    { name: 'subject', form: 'text', to: 'subject' },
    { name: 'body', form: 'text', to: 'body', aliases: ['text', 'message', 'content'] },
    { name: 'status', form: 'word', to: 'status', aliases: ['state'] },
    { name: 'sent_at', form: 'time', to: 'sent_at', aliases: ['sent', 'created_at', 'time'] },
    { name: 'template', form: 'text', to: 'template' },
    { name: 'campaign', form: 'text', to: 'campaign' },
    { name: 'conversation_id', form: 'text', to: 'conversation', aliases: ['conversation', 'thread_id'] },
    { name: 'appointment_id', form: 'text', to: 'appointment', aliases: ['appointment'] },
    { name: 'journey_id', form: 'text', to: 'journey', aliases: ['journey'] },
    { name: 'cost', form: 'decimal', aliases: ['price'] },
    { name: 'cost_currency', form: 'text', to: 'cost_currency', aliases: ['currency'] },
    updatedAt,
  ],
  read(cells, data) {
    const cost = minorUnits(cells, 'cost', 'cost_currency');
    if (isCellError(cost)) return cost;
    const said = cost === undefined ? data : { ...data, cost_minor: Math.round(cost * 1e6) / 1e6 };
    return [{ type: 'message.sent', subject: textOf(cells, 'id') ?? '', data: said }];
  },
};
