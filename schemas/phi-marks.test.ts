import { describe, expect, it } from 'vitest';
import { type AvroRecord, type AvroType, loadSchema, phiPaths, topicNames } from './load.ts';

/** Names of fields that hold what identifies or describes a person, unless listed below. */
const telling =
  /(^|_)(name|phones?|number|email|address|date_of_birth|sex|body|text|payload|value|normalised|summary|notes|reason|result|subject|url|latitude|longitude|label|entities|metadata|extra|sealed|deceased|merged_into)$/;

/** Of staff, places, tools and the clinic, or codes of ours: none is about a patient. */
const ofNobody: readonly string[] = [
  'Call.agent_name',
  'Call.end_reason',
  'ToolCall.name',
  'Entity.name',
  'DeadLetter.reason',
  'VoiceCallEnriched.clinic_phone',
  'MessageEnriched.clinic_phone',
  'NamedReference.name',
  'JourneyDetails.name',
  'JourneyStepDetails.name',
  'PractitionerDetails.name',
  'LocationDetails.name',
  'LocationDetails.address',
  'LocationDetails.phone',
];

function* recordsIn(type: AvroType): Generator<AvroRecord> {
  if (typeof type === 'string') return;
  if (Array.isArray(type)) for (const member of type) yield* recordsIn(member);
  else if (type.type === 'array') yield* recordsIn(type.items);
  else if (type.type === 'record') {
    yield type;
    for (const field of type.fields) yield* recordsIn(field.type);
  }
}

describe.each(topicNames)('%s', (topic) => {
  it('marks every field whose name says that it tells of a person', () => {
    const unmarked = [...recordsIn(loadSchema(topic))].flatMap((record) =>
      record.fields
        .filter(({ name, phi, type }) => telling.test(name) && !phi && [...recordsIn(type)].length === 0)
        .map(({ name }) => `${record.name}.${name}`),
    );
    expect(unmarked.filter((field) => !ofNobody.includes(field))).toEqual([]);
  });

  it('says of every field what it is', () => {
    const silent = [...recordsIn(loadSchema(topic))].flatMap(({ name, fields }) =>
      fields.filter(({ doc }) => !doc).map((field) => `${name}.${field.name}`),
    );
    expect(silent).toEqual([]);
  });
});

it('finds the marks of a record wherever it is named', () => {
  const paths = phiPaths('record.received.v1');
  for (const path of [
    'external_id',
    'patient.first_name',
    'appointment.patient.first_name',
    'journey.patient.phones',
    'message.patient.identifiers[].value',
  ]) {
    expect(paths).toContain(path);
  }
  expect(phiPaths('record.import.v1')).toEqual(paths.map((path) => `record.${path}`));
  expect(phiPaths('message.enriched.v1')).toEqual(
    expect.arrayContaining(['event.body', 'event.media[].url', 'analysis.entities[].value', 'contact_phone']),
  );
});
