import { z } from 'zod';
import { cloudEvent } from '../clinic-events/read-cloud-event.ts';
import { createRecordReader } from '../records/read-record.ts';
import { retellBody } from '../vendors/retell-body.ts';
import { vapiBody } from '../vendors/vapi-body.ts';
import { zoiceBody } from '../vendors/zoice-body.ts';
import { twilioFields } from '../whatsapp/twilio-fields.ts';

type JsonSchema = Record<string, unknown>;

/** What a zod schema takes, as JSON Schema 2020-12. What a check alone knows is not in it. */
function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const {
    $schema: _,
    '~standard': __,
    ...rest
  } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}

/** Bodies by vendor of voice calls. */
export function voiceWebhookBody(): JsonSchema {
  const vendors = { zoice: zoiceBody, vapi: vapiBody, retell: retellBody };
  return {
    anyOf: Object.entries(vendors).map(([vendor, body]) => ({
      title: `?vendor=${vendor}`,
      ...jsonSchemaOf(body(() => 0)),
    })),
  };
}

/** The form of Twilio's webhooks. */
export function twilioForm(): JsonSchema {
  const properties = Object.entries(twilioFields).map(([name, description]) => [
    name,
    { type: 'string', description },
  ]);
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    required: ['MessageSid', 'From', 'To'],
    additionalProperties: { type: 'string', description: 'Kept with the message.' },
  };
}

/** One CloudEvent of a clinic's system: its attributes, and data by its type. */
export function cloudEventBody(): JsonSchema {
  const records = createRecordReader();
  const envelope = jsonSchemaOf(cloudEvent(records.types, () => 0));
  const byData = Map.groupBy(records.types, (type) => records.dataOf(type));
  return {
    allOf: [
      envelope,
      {
        anyOf: [...byData].map(([data, types]) => ({
          title: types.join(', '),
          type: 'object',
          properties: { type: { enum: types }, data: data ? jsonSchemaOf(data) : {} },
        })),
      },
    ],
  };
}
