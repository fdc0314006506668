import { findSpokenTimes } from '../extraction/find-times.ts';
import { toNumber } from '../extraction/patterns.ts';

/** Minutes after midnight between which a visit begins; the second is no part of it. */
export type Between = [number, number];

const [dayBegins, dayEnds] = [0, 1_440];
/** Around a time that was named, minutes. */
const [earlier, afterwards] = [30, 90];

/** The first that is said holds. */
const parts: readonly (readonly [RegExp, Between])[] = [
  [/\bafter (?:work|office|school|college)\b/i, [1_020, dayEnds]],
  [/\bbefore (?:work|office|school|college)\b/i, [dayBegins, 570]],
  [/\bafter lunch\b/i, [810, dayEnds]],
  [/\bbefore lunch\b/i, [dayBegins, 720]],
  [/\blunch/i, [720, 840]],
  [/\bfirst thing\b|\bearly (?:in the )?mornings?\b|\bearly tomorrow\b/i, [dayBegins, 600]],
  [/\blate(?:r in the)? mornings?\b/i, [600, 720]],
  [/\bmornin(?:gs?)?\b|\bsubah\b|\bsavere\b/i, [dayBegins, 720]],
  [/\bearly (?:in the )?afternoons?\b/i, [720, 900]],
  [/\blate(?:r in the)? afternoons?\b/i, [900, 1_080]],
  [/\bafternoons?\b|\bdopahar\b/i, [720, 1_020]],
  [/\bearly (?:in the )?evenings?\b/i, [1_020, 1_140]],
  [/\blate(?:r in the)? evenings?\b/i, [1_140, 1_320]],
  [/\bevenings?\b|\bsha+m\b/i, [1_020, 1_260]],
  [/\bnights?\b|\btonight\b|\braat\b/i, [1_140, dayEnds]],
  [/\bend of (?:the )?day\b/i, [960, dayEnds]],
];

const hourWord = 'one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve';
const clock = `(\\d{1,2}|${hourWord})(?:[:. ]([0-5]\\d))?(?:\\s?([ap])\\.?\\s?m\\b\\.?)?`;
const spans = [
  new RegExp(`\\b(?:between|from)\\s+${clock}\\s*(?:and|to|till|until|-|–)\\s*${clock}`, 'i'),
  new RegExp(`\\b${clock}\\s*[-–]\\s*${clock}`, 'i'),
];
const notBefore = /\b(?:not|no|nothing)\s+(?:before|earlier than)\b/i;
const notAfter = /\b(?:not|no|nothing)\s+(?:after|later than)\b/i;
const from = /\b(?:after|from|past|later than|onwards?|ke baad)\b/i;
const until = /\b(?:before|by|till|until|earlier than|se pehle|tak)\b/i;
const bounds = /\b(?:after|from|before|by|till|until|than|onwards)\s+(?=\d|\w)/gi;

/** Between when somebody wants a visit to begin; undefined: at any time. @param text without the days that it names */
export function readBetween(text: string): Between | undefined {
  const instant = /^\s*\d{4}-\d{2}-\d{2}[T ](\d{2}):(\d{2})/.exec(text);
  // Who writes an instant writes the clinic's wall time, whatever offset is behind it.
  if (instant) return around(Number(instant[1]) * 60 + Number(instant[2]));
  const span = readClocks(text);
  if (span) return span;
  const found = findSpokenTimes(text, true)[0] ?? findSpokenTimes(text.replace(bounds, 'at '), true)[0];
  const [hour, minute] = found?.normalised?.split(':').map(Number) ?? [];
  if (hour === undefined || minute === undefined) return parts.find(([words]) => words.test(text))?.[1];
  const at = hour * 60 + minute;
  // "Half past four" is no bound.
  const lead = text.slice(0, found?.start);
  const said = /\bpast\b/i.test(found?.value ?? '') ? lead : text;
  if (notBefore.test(said)) return [at, dayEnds];
  if (notAfter.test(said)) return [dayBegins, at + 1];
  if (from.test(said)) return [at, dayEnds];
  if (until.test(said)) return [dayBegins, at];
  return around(at);
}

function around(at: number): Between {
  return [Math.max(dayBegins, at - earlier), Math.min(dayEnds, at + afterwards)];
}

/** "Between three and five pm", "from 10 to 12", "4-6". */
function readClocks(text: string): Between | undefined {
  for (const pattern of spans) {
    const match = pattern.exec(text);
    if (!match) continue;
    const [, hour, minute, half, endHour, endMinute, endHalf] = match;
    const end = minutesOf(endHour, endMinute, endHalf ?? half);
    const [own, alike] = [minutesOf(hour, minute, half), minutesOf(hour, minute, half ?? endHalf)];
    // "Between 9 and 11 pm" are both of the evening; "between 11 and 2 pm" are not.
    const start = alike !== undefined && end !== undefined && alike < end ? alike : own;
    if (start !== undefined && end !== undefined && start < end) return [start, end];
  }
  return undefined;
}

/** Without a half of the day it is when clinics are open. */
function minutesOf(hourText = '', minuteText = '0', half: string | undefined): number | undefined {
  const hour = toNumber(hourText);
  if (hour === null || hour > 24) return undefined;
  const late = half === undefined ? hour >= 1 && hour <= 7 : half.toLowerCase() === 'p' && hour < 12;
  const isMidnight = half?.toLowerCase() === 'a' && hour === 12;
  return (isMidnight ? 0 : late ? hour + 12 : hour) * 60 + Number(minuteText);
}
