import { type Table, textOf, updatedAt } from '../table.ts';

export const patients: Table = {
  name: 'patients',
  needs: ['id'],
  columns: [
    { name: 'id', form: 'text', aliases: ['patient_id', 'external_id', 'patient_no'] },
    { name: 'first_name', form: 'text', to: 'first_name', aliases: ['firstname', 'given_name'] },
    { name: 'last_name', form: 'text', to: 'last_name', aliases: ['lastname', 'surname', 'family_name'] },
    { name: 'full_name', form: 'text', to: 'full_name', aliases: ['name', 'patient_name'] },
    { name: 'date_of_birth', form: 'date', to: 'date_of_birth', aliases: ['dob', 'birth_date', 'birthdate'] },
    { name: 'sex', form: 'word', aliases: ['gender'] },
    { name: 'phones', form: 'phones', to: 'phones', aliases: ['phone', 'mobile', 'phone_number', 'contact'] },
    { name: 'email', form: 'text', to: 'email', aliases: ['e_mail', 'email_address'] },
    { name: 'mrn', form: 'text', aliases: ['medical_record_number', 'uhid'] },
    { name: 'address', form: 'text', to: 'address' },
    { name: 'language', form: 'text', to: 'language' },
    { name: 'active', form: 'flag', to: 'active' },
    { name: 'deceased', form: 'flag', to: 'deceased' },
    { name: 'merged_into', form: 'text', aliases: ['merged_into_id'] },
    updatedAt,
  ],
  read(cells, data) {
    const subject = textOf(cells, 'id') ?? '';
    const sex = textOf(cells, 'sex');
    if (sex !== undefined) data.sex = sexes[sex] ?? sex;
    const mrn = textOf(cells, 'mrn');
    if (mrn !== undefined) data.identifiers = [{ system: 'mrn', value: mrn }];
    const stays = textOf(cells, 'merged_into');
    return stays === undefined
      ? [{ type: 'patient.updated', subject, data }]
      : [{ type: 'patient.merged', subject, data: { ...data, merged_into: stays } }];
  },
};

const sexes: Readonly<Record<string, string>> = { f: 'female', m: 'male', o: 'other', u: 'unknown' };
