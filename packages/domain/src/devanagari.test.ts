import { expect, it } from 'vitest';
import { romanise } from './devanagari.ts';

it.each([
  ['डॉक्टर मेहता', 'doctor mehta'],
  ['प्रिया नायर', 'priya nayar'],
  ['कुलकर्णी', 'kulkarni'],
  ['फ़ातिमा', 'fatima'],
  ['सोमवार, मंगलवार, शुक्रवार', 'somvar, mangalvar, shukravar'],
  ['कल शाम ४ बजे', 'kal shaam 4 baje'],
  ['tomorrow at 4', 'tomorrow at 4'],
  ['', ''],
])('%s', (text, latin) => {
  expect(romanise(text)).toBe(latin);
});
