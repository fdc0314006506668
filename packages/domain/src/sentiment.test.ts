import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callerSentiment, textSentiment } from './sentiment.ts';

describe('textSentiment', () => {
  it.each([
    ['I love it, you were very helpful!', 'positive'],
    ['this is terrible, I am very upset', 'negative'],
    ['not good at all', 'negative'],
    ['the clinic is on the second floor', 'neutral'],
    ['bahut badhiya', 'positive'],
    ['bekar service', 'negative'],
    ['', 'neutral'],
  ])('%s', (text, label) => {
    expect(textSentiment(text).label).toBe(label);
  });

  it('stays within -1 and 1', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('great', 'terrible', 'not', 'very', '!', 'the')), (words) => {
        expect(Math.abs(textSentiment(words.join(' ')).score)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('callerSentiment', () => {
  const call = (...texts: string[]) => texts.map((text) => ({ speaker: 'caller', text }));

  it('politeness is not pleasure', () => {
    expect(callerSentiment(call('Good morning', 'that is fine', 'Thank you, bye')).label).toBe('neutral');
    expect(callerSentiment(call('Thank you so much, you were wonderful')).label).toBe('positive');
  });

  it.each([
    'I want to book an appointment, I have back pain',
    'my stomach hurts',
    'my son is sick with fever',
    'do you have a late evening slot',
    'I missed my appointment, can I come tomorrow',
    'I lost my prescription',
    'do I have to wait long',
    'well, I want to see the doctor',
    'what kind of doctor do you have',
    'I hope to see doctor Mehta',
    'I need a super speciality doctor',
    'this is Miss Sharma',
    'I am afraid I cannot come',
    'my cholesterol is bad',
    'I want a good dermatologist',
    'no problem, thank you',
    'Wednesday would be better',
  ])('a symptom or an hour is no feeling: %s', (text) => {
    expect(callerSentiment(call(text)).label).toBe('neutral');
  });

  it.each([
    'I have been waiting for three days, this is unacceptable',
    'the doctor was terrible',
    'bad service',
    'your staff was rude',
    'I am not happy with the service',
  ])('a complaint is one: %s', (text) => {
    expect(callerSentiment(call(text)).label).toBe('negative');
  });

  it('the end counts more than the beginning', () => {
    const good = 'great, very helpful';
    const bad = 'terrible, I am so angry';
    const filler = ['Monday', 'at four'];
    expect(callerSentiment(call(bad, ...filler, good)).score).toBeGreaterThan(0);
    expect(callerSentiment(call(good, ...filler, bad)).score).toBeLessThan(0);
  });

  it('what the agent says does not count, and silence has none', () => {
    expect(callerSentiment([{ speaker: 'agent', text: 'wonderful!' }])).toEqual({ label: null, score: null });
  });
});
