import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isFullName,
  jaroWinkler,
  nameKey,
  nameSimilarity,
  normaliseName,
  phoneticKey,
  soundsAlike,
  splitName,
} from './names.ts';

describe('names', () => {
  it.each([
    ['Dr. MEHTA, Ramesh', 'ramesh mehta'],
    ['doctor mehta', 'mehta'],
    ['  José   Núñez ', 'jose nunez'],
    ["O'Brien", 'obrien'],
    ['Donna J. Lee, MD', 'donna j lee'],
    ['प्रिया शर्मा', 'प्रिया शर्मा'.normalize('NFKD')],
    ['Dr.', null],
    ['', null],
  ])('key of %s', (raw, key) => {
    expect(nameKey(raw)).toBe(key);
  });

  it.each([
    ['PRIYA SHARMA', 'Priya Sharma'],
    ['smt. priya  sharma ji', 'Priya Sharma'],
    ["siobhan o'brien-mcKay", "Siobhan o'brien-mcKay"],
    ['McDonald', 'McDonald'],
    ["mary o'neil", "Mary O'Neil"],
    ['42', null],
    ['ᾀ', 'ᾀ'],
  ])('%s as people write it', (raw, name) => {
    expect(normaliseName(raw)).toBe(name);
  });

  it('splits first and last', () => {
    expect(splitName('Priya')).toEqual({ first: 'Priya', last: null });
    expect(splitName('mr arun kumar iyer')).toEqual({ first: 'Arun', last: 'Kumar Iyer' });
    expect(splitName('...')).toBeNull();
  });

  it.each([
    ['Sharma', 'Sarma'],
    ['Deepika', 'Dipika'],
    ['Vikram', 'Wikram'],
    ['Chaudhary', 'Choudhari'],
    ['Lakshmi', 'Laxmi'],
    ['Stephen', 'Stefen'],
  ])('%s sounds like %s', (left, right) => {
    expect(phoneticKey(left)).toBe(phoneticKey(right));
  });

  it.each([
    'Shweta Sweta',
    'Mohammed Muhammad',
    'Kavita Kavitha',
    'Sara Sarah',
    'Reena Rina',
    'Sunil Suneel',
    'Anne Ann',
    'Priya Pria',
    'Katherine Catherine',
    'Gowri Gauri',
  ])('%s are one name', (pair) => {
    const [left = '', right = ''] = pair.toLowerCase().split(' ');
    expect(soundsAlike(left, right)).toBe(true);
    expect(soundsAlike(right, left)).toBe(true);
  });

  it.each([
    'Rohan Reena',
    'Rohan Rani',
    'Sunil Sonal',
    'Karan Kiran',
    'Vinay Veena',
    'Sameer Samira',
    'Asha Isha',
    'Usha Asha',
    'John Jane',
    'Tim Tom',
    'Kamal Komal',
    'Amit Amita',
    'Maria Mario',
    'Louis Louise',
  ])('%s are two names', (pair) => {
    const [left = '', right = ''] = pair.toLowerCase().split(' ');
    expect(soundsAlike(left, right)).toBe(false);
  });

  it('tells alike from different', () => {
    expect(nameSimilarity('Priya Sharma', 'Sharma Priya')).toBe(1);
    expect(nameSimilarity('Priya', 'Priya Sharma')).toBe(1);
    expect(nameSimilarity('P Sharma', 'Priya Sharma')).toBeGreaterThan(0.9);
    expect(nameSimilarity('Deepika Rao', 'Dipika Rao')).toBeGreaterThan(0.95);
    expect(nameSimilarity('Priya Sharma', 'Rohan Sharma')).toBeLessThan(0.85);
    expect(nameSimilarity('Anil Gupta', 'Fatima Khan')).toBeLessThan(0.6);
  });

  it('gives Winkler’s published examples', () => {
    expect(jaroWinkler('martha', 'marhta')).toBeCloseTo(0.9611, 4);
    expect(jaroWinkler('dixon', 'dicksonx')).toBeCloseTo(0.8133, 4);
    expect(jaroWinkler('dwayne', 'duane')).toBeCloseTo(0.84, 4);
    expect(jaroWinkler('', 'a')).toBe(0);
  });

  it('is symmetric, within 0 and 1, and 1 for itself', () => {
    const name = fc.oneof(fc.string(), fc.stringMatching(/^[a-z]{1,8} [a-z]{1,8}$/));
    fc.assert(
      fc.property(name, name, (left, right) => {
        const score = nameSimilarity(left, right);
        expect(score).toBeCloseTo(nameSimilarity(right, left), 10);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
        if (nameKey(left) !== null) expect(nameSimilarity(left, left)).toBe(1);
      }),
    );
  });

  it('normalising twice changes nothing more', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (raw) => {
        const once = normaliseName(raw);
        expect(normaliseName(once)).toBe(once);
      }),
    );
  });
});

describe('a full name', () => {
  it.each(['Rohan Sharma', 'sharma rohan', 'Sharma, Rohan', 'Rohan Kumar Sharma', 'Mr. Rohan K. Sarma'])(
    'of Rohan Sharma is %s',
    (said) => {
      expect(isFullName(said, 'Rohan', 'Sharma', 0.85)).toBe(true);
    },
  );

  it.each([
    'R S',
    'Rohan S',
    'R Sharma',
    'Sharma Sharma',
    'Rohan',
    'Sharma',
    'Rohan Verma',
    'Dr. Sharma',
    '',
  ])('of Rohan Sharma is not %s', (said) => {
    expect(isFullName(said, 'Rohan', 'Sharma', 0.85)).toBe(false);
  });

  it('needs both names where they are alike, and no initial on file', () => {
    expect(isFullName('Sharma Sharma', 'Sharmila', 'Sharma', 0.85)).toBe(false);
    expect(isFullName('Sharmila Sharma', 'Sharmila', 'Sharma', 0.85)).toBe(true);
    expect(isFullName('R Sharma', 'R', 'Sharma', 0.85)).toBe(false);
    expect(isFullName('Rohan Sharma', 'Rohan Kumar', 'Sharma', 0.85)).toBe(true);
  });
});
