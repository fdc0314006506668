import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decideMatch,
  type MatchContact,
  type MatchPatient,
  scoreCandidate,
  scoreCandidates,
} from './matching.ts';

const phone = '+919812345678';
const priya: MatchPatient = { id: 'a', phones: [phone], first: 'Priya', last: 'Sharma', dob: '1990-04-12' };
const rohan: MatchPatient = { id: 'b', phones: [phone], first: 'Rohan', last: 'Sharma', dob: '1988-01-30' };
const unnamed: MatchPatient = { id: 'c', phones: [phone], first: null, last: null, dob: null };

function decide(contact: Partial<MatchContact>, ...patients: MatchPatient[]) {
  return decideMatch(scoreCandidates({ phone: null, name: null, dob: null, ...contact }, patients));
}

describe('matching', () => {
  it.each<[string, Partial<MatchContact>, MatchPatient[], string]>([
    ['a phone that one patient has', { phone }, [priya], 'a'],
    ['a phone whose patient has no name yet', { phone, name: 'Priya Sharma' }, [unnamed], 'c'],
    ['a family phone without a name', { phone }, [priya, rohan], 'review'],
    ['a family phone with a first name', { phone, name: 'Rohan' }, [priya, rohan], 'b'],
    ['a family phone with a whole name', { phone, name: 'priya sharma' }, [priya, rohan], 'a'],
    ['a family phone with the surname alone', { phone, name: 'Sharma' }, [priya, rohan], 'review'],
    ['another name on the same phone', { phone, name: 'Fatima Khan' }, [priya], 'new'],
    ['a sibling on the same phone', { phone, name: 'Anjali Sharma' }, [priya], 'new'],
    ['a twin', { phone, name: 'Anjali Sharma', dob: '1990-04-12' }, [priya], 'review'],
    ['another spelling', { phone, name: 'Pria Sarma' }, [priya], 'a'],
    ['the words swapped', { phone, name: 'Sharma Priya' }, [priya], 'a'],
    ['an initial', { phone, name: 'P Sharma' }, [priya], 'a'],
    ['a new surname', { phone, name: 'Priya Menon' }, [priya], 'a'],
    [
      'another phone, name and birth date',
      { phone: '+919800000000', name: 'Priya Sharma', dob: '1990-04-12' },
      [priya],
      'a',
    ],
    ['another phone and the name', { phone: '+919800000000', name: 'Priya Sharma' }, [priya], 'new'],
    ['the name alone', { name: 'Priya Sharma' }, [priya], 'review'],
    ['the birth date alone', { dob: '1990-04-12' }, [priya], 'review'],
    ['phone and another birth date', { phone, dob: '1961-11-02' }, [priya], 'new'],
    ['nobody', { phone }, [], 'new'],
  ])('%s', (_, contact, patients, expected) => {
    const decision = decide(contact, ...patients);
    expect(decision.kind === 'link' ? decision.patientId : decision.kind).toBe(expected);
  });

  const families =
    'Rohan/Reena Rohan/Rani Sunil/Sonal Sunil/Sonali Karan/Kiran Karan/Kareena Mohan/Meena Vinay/Veena Anil/Anjali Amit/Amita ' +
    'Priya/Prisha Aarav/Aarush Rohit/Rohan Sameer/Samira Neha/Nisha Ramesh/Rakesh Suresh/Ramesh Sanjay/Sanjana ' +
    'Manish/Manisha Rajesh/Rajshree John/Jane Maria/Mario Dan/Dana Jon/Jane Tim/Tom Asha/Isha Usha/Asha Omar/Amir ' +
    'Kamal/Komal Arun/Varun Narendra/Nagendra Anita/Ankita Reena/Reema Deepa/Deepu Joseph/Josephine';

  it.each(families.split(' '))('%s on one phone, spouses, siblings or twins, stay two people', (pair) => {
    const [first = '', other = ''] = pair.split('/');
    for (const [known, said] of [
      [first, other],
      [other, first],
    ] as const) {
      const known1: MatchPatient = {
        id: 'known',
        phones: [phone],
        first: known,
        last: 'Sharma',
        dob: '1988-01-30',
      };
      const name = `${said} Sharma`;
      for (const dob of [null, '1988-01-30', '1988-01-31', '1990-07-02'])
        for (const called of [name, said])
          expect(decide({ phone, name: called, dob }, known1).kind).not.toBe('link');
      const both = [known1, { ...known1, id: 'named', first: said, dob: null }];
      expect(decide({ phone, name }, ...both)).toMatchObject({ kind: 'link', patientId: 'named' });
    }
  });

  it.each([
    'Shweta/Sweta',
    'Mohammed/Muhammad',
    'Kavita/Kavitha',
    'Sara/Sarah',
    'Deepika/Dipika',
    'Sunil/Suneel',
  ])('%s on one phone are one person, however it is written', (pair) => {
    const [known = '', said = ''] = pair.split('/');
    const patient = { ...priya, first: known };
    expect(decide({ phone, name: `${said} Sharma` }, patient)).toMatchObject({ kind: 'link' });
    expect(decide({ phone, name: `${said} Sharma`, dob: '1961-11-02' }, patient).kind).not.toBe('link');
  });

  it('a slip of the pen links only with the birth date beside it', () => {
    const slip = { ...priya, first: 'Danbel' };
    expect(decide({ phone, name: 'Daniel Sharma', dob: priya.dob }, slip).kind).toBe('link');
    expect(decide({ phone, name: 'Daniel Sharma' }, slip).kind).toBe('review');
  });

  it.each([1, 2, 4, 5, 8, 40, 3_000])(
    'a call without a name from a phone that %i patients have is nobody new',
    (count) => {
      const patients = Array.from({ length: count }, (_, at) => ({
        ...priya,
        id: `p${at}`,
        first: `First${at}`,
      }));
      const decision = decide({ phone }, ...patients);
      expect(decision.kind).toBe(count === 1 ? 'link' : 'review');
      if (decision.kind === 'review') expect(decision.candidates.length).toBe(Math.min(count, 20));
    },
  );

  it('asks when two records are both sure', () => {
    const twice = { ...priya, id: 'z' };
    expect(decide({ phone, name: 'Priya Sharma' }, priya, twice).kind).toBe('review');
  });

  it('explains a score without telling values', () => {
    const { score, breakdown } = scoreCandidate({ phone, name: 'Priya', dob: null }, priya);
    const sum = Object.values(breakdown).reduce((total, value) => total + value, 0);
    expect(score).toBeCloseTo(1 / (1 + Math.exp(-sum)), 3);
    expect(breakdown).toEqual({ base: -8, phone: 9.3863, name: 4.2, date_of_birth: 0 });
  });

  it('follows the tenant’s thresholds', () => {
    const scored = scoreCandidates({ phone, name: null, dob: null }, [priya]);
    expect(decideMatch(scored, { thresholds: { link: 0.95, review: 0.5 } }).kind).toBe('review');
    expect(decideMatch(scored, { thresholds: { link: 0.95, review: 0.9 } }).kind).toBe('review');
    const sibling = scoreCandidates({ phone, name: 'Rohan', dob: null }, [priya]);
    expect(decideMatch(sibling, { thresholds: { link: 0.5, review: 0.005 } }).kind).toBe('review');
    expect(decideMatch(sibling, { thresholds: { link: 0.5, review: 0.2 } }).kind).toBe('new');
  });

  const word = fc.constantFrom('Priya', 'Pria', 'Rohan', 'Sharma', 'Khan', 'P', '');
  const date = fc.constantFrom('1990-04-12', '1990-12-04', '1961-11-02', null);
  const name = fc.tuple(word, word).map((words) => words.join(' ').trim() || null);
  const patient = fc.record<MatchPatient>({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    phones: fc.subarray([phone, '+919800000000']),
    first: fc.option(word),
    last: fc.option(word),
    dob: date,
  });
  const contact = fc.record<MatchContact>({ phone: fc.constantFrom(phone, null), name, dob: date });

  it('does not depend on the order of patients', () => {
    fc.assert(
      fc.property(
        contact,
        fc.array(patient, { maxLength: 8 }),
        fc.infiniteStream(fc.nat()),
        (said, patients, keys) => {
          const shuffled = patients
            .map((one) => ({ one, at: keys.next().value }))
            .sort((left, right) => left.at - right.at)
            .map(({ one }) => one);
          const forth = scoreCandidates(said, patients);
          expect(scoreCandidates(said, shuffled)).toEqual(forth);
          expect(decideMatch([...forth].reverse())).toEqual(decideMatch(forth));
        },
      ),
    );
  });

  it('never links by less than the threshold, and more agreement never scores less', () => {
    fc.assert(
      fc.property(contact, fc.array(patient, { maxLength: 5 }), (said, patients) => {
        const decision = decideMatch(scoreCandidates(said, patients));
        if (decision.kind === 'link') {
          expect(decision.score).toBeGreaterThanOrEqual(0.5);
          const [linked, another] = patients.filter(({ id }) => id === decision.patientId);
          if (!another) expect(isContradicted(said, linked)).toBe(false);
        }
        for (const one of patients) {
          const agreeing = { phone: one.phones[0] ?? said.phone, name: said.name, dob: one.dob ?? said.dob };
          expect(scoreCandidate(agreeing, one).score).toBeGreaterThanOrEqual(scoreCandidate(said, one).score);
        }
      }),
    );
  });
});

/** Another birth date, more than a slip, and not the whole name: nobody's record. */
function isContradicted(said: MatchContact, patient: MatchPatient | undefined): boolean {
  if (!said.dob || !patient?.dob || (said.dob === '1961-11-02') === (patient.dob === '1961-11-02'))
    return false;
  const whole = new Set((said.name ?? '').split(' '));
  return ![patient.first, patient.last].every((part) => part !== null && part !== '' && whole.has(part));
}
