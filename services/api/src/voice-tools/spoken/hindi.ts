import type { SpokenLines, SpokenMoment, SpokenSlot } from './lines.ts';
import { sayTimes } from './say-times.ts';

const weekdays = 'सोमवार मंगलवार बुधवार गुरुवार शुक्रवार शनिवार रविवार'.split(' ');
const months = 'जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर'.split(' ');
const numbers =
  'शून्य एक दो तीन चार पाँच छह सात आठ नौ दस ग्यारह बारह तेरह चौदह पंद्रह सोलह सत्रह अठारह उन्नीस बीस इक्कीस बाईस तेईस चौबीस पच्चीस छब्बीस सत्ताईस अट्ठाईस उनतीस तीस इकतीस बत्तीस तैंतीस चौंतीस पैंतीस छत्तीस सैंतीस अड़तीस उनतालीस चालीस इकतालीस बयालीस तैंतालीस चौवालीस पैंतालीस छियालीस सैंतालीस अड़तालीस उनचास पचास इक्यावन बावन तिरेपन चौवन पचपन छप्पन सत्तावन अट्ठावन उनसठ'.split(
    ' ',
  );

export const hindi: SpokenLines = {
  moment,
  slot: (slot) => `${moment(slot.at)} ${whom(slot)}`,
  found: (firstName) =>
    firstName ? `धन्यवाद ${firstName} जी, आपकी जानकारी मिल गई।` : 'धन्यवाद, आपकी जानकारी मिल गई।',
  foundOne: 'आगे बढ़ने के लिए अपना पूरा नाम और जन्म तिथि बताइए।',
  askWhich: 'इस नंबर पर एक से अधिक लोग हैं। कृपया अपना पूरा नाम और जन्म तिथि बताइए।',
  notVerified: 'इसके लिए मुझे आपका पूरा नाम और जन्म तिथि चाहिए। कृपया दोनों बताइए।',
  noMoreTries: 'मैं आपकी जानकारी की पुष्टि नहीं कर पाई। क्लिनिक से कोई आपको वापस फ़ोन करेगा।',
  slots: (options) =>
    options.length > 1
      ? `ये समय खाली हैं: ${times(options)}। आपको कौन सा ठीक रहेगा?`
      : `यह समय खाली है: ${times(options)}। क्या यह ठीक रहेगा?`,
  otherSlots: (options) =>
    options.length > 1
      ? `तब कोई समय खाली नहीं है। अगले समय हैं: ${times(options)}। क्या इनमें से कोई ठीक रहेगा?`
      : `तब कोई समय खाली नहीं है। अगला समय है: ${times(options)}। क्या यह ठीक रहेगा?`,
  slotsAnyway: (options) =>
    options.length > 1
      ? `मुझे समझ नहीं आया कि आप किस दिन या समय की बात कर रहे हैं। ये समय खाली हैं: ${times(options)}। क्या इनमें से कोई ठीक रहेगा?`
      : `मुझे समझ नहीं आया कि आप किस दिन या समय की बात कर रहे हैं। यह समय खाली है: ${times(options)}। क्या यह ठीक रहेगा?`,
  otherKind: (kind) => `मुझे उस तरह का अपॉइंटमेंट नहीं मिला, इसलिए यह ${kind} के लिए है।`,
  noSlots: 'माफ़ कीजिए, तब कोई समय खाली नहीं है। क्या कोई और दिन ठीक रहेगा?',
  whichPractitioner: (names) => `क्या आप ${list(names)} की बात कर रहे हैं?`,
  unknownPractitioner: (names) =>
    names.length > 0
      ? `मुझे वह डॉक्टर नहीं मिले। हमारे यहाँ ${all(names)} हैं। आप किनसे मिलना चाहेंगे?`
      : 'मुझे वह डॉक्टर नहीं मिले। आप किनसे मिलना चाहेंगे?',
  booked: (slot, code) =>
    `${moment(slot.at)} ${whom(slot)} आपका अपॉइंटमेंट बुक हो गया है। आपका कोड है ${digits(code)}।`,
  moved: (slot) => `आपका अपॉइंटमेंट अब ${moment(slot.at)} ${whom(slot)} है।`,
  cancelled: (at) => `${moment(at)} का आपका अपॉइंटमेंट रद्द हो गया है।`,
  alreadyCancelled: 'वह अपॉइंटमेंट पहले ही रद्द हो चुका है।',
  taken: (options) => refused('माफ़ कीजिए, वह समय अभी-अभी किसी और ने ले लिया।', options),
  outsideHours: (options) => refused('डॉक्टर उस समय मरीज़ नहीं देखते।', options),
  tooSoon: (options) => refused('इतनी जल्दी फ़ोन पर बुकिंग नहीं हो सकती।', options),
  needPhone: 'कृपया अपना फ़ोन नंबर बताइए।',
  ambiguous: 'इस जानकारी के एक से अधिक लोग हैं। कृपया अपनी जन्म तिथि बताइए।',
  needsHuman: 'यह मैं स्वयं नहीं कर सकती। क्लिनिक से कोई इसमें आपकी मदद करेगा।',
  notUnderstood: 'माफ़ कीजिए, मैं पूरा समझ नहीं पाई। कृपया एक बार फिर बताइए।',
  fallback: 'माफ़ कीजिए, अभी कैलेंडर धीमा है। कृपया एक क्षण रुकिए, या मैं किसी से आपको वापस फ़ोन करवा सकती हूँ।',
};

function moment(at: SpokenMoment): string {
  return `${dayOf(at)} ${timeOf(at)}`;
}

function dayOf({ daysAhead, weekday, day, month }: SpokenMoment): string {
  if (daysAhead === 0) return 'आज';
  // "Kal" is yesterday, too.
  if (daysAhead === 1) return 'आने वाले कल';
  return `${weekdays[weekday - 1]}, ${numbers[day]} ${months[month - 1]} को`;
}

function timeOf({ hour, minute }: SpokenMoment): string {
  const part = hour < 4 ? 'रात' : hour < 12 ? 'सुबह' : hour < 16 ? 'दोपहर' : hour < 20 ? 'शाम' : 'रात';
  const at = hour % 12 || 12;
  if (minute === 0) return `${part} ${numbers[at]} बजे`;
  if (minute === 30) return `${part} ${at === 1 ? 'डेढ़' : at === 2 ? 'ढाई' : `साढ़े ${numbers[at]}`} बजे`;
  if (minute === 15) return `${part} सवा ${numbers[at]} बजे`;
  if (minute === 45) return `${part} पौने ${numbers[(at % 12) + 1]} बजे`;
  return `${part} ${numbers[at]} बजकर ${numbers[minute]} मिनट पर`;
}

function digits(code: string): string {
  return [...code].map((digit) => numbers[Number(digit)] ?? digit).join(', ');
}

function refused(why: string, options: readonly SpokenSlot[]): string {
  if (options.length === 0) return `${why} क्या कोई और दिन ठीक रहेगा?`;
  return options.length > 1
    ? `${why} ये समय खाली हैं: ${times(options)}। क्या इनमें से कोई ठीक रहेगा?`
    : `${why} यह समय खाली है: ${times(options)}। क्या यह ठीक रहेगा?`;
}

function times(options: readonly SpokenSlot[]): string {
  return sayTimes(options, { list, day: dayOf, time: timeOf, whom });
}

function whom({ practitioner, location }: SpokenSlot): string {
  return location === null ? `${practitioner} के साथ` : `${location} में ${practitioner} के साथ`;
}

function list(options: readonly string[]): string {
  return new Intl.ListFormat('hi', { type: 'disjunction' }).format(options);
}

function all(names: readonly string[]): string {
  return new Intl.ListFormat('hi', { type: 'conjunction' }).format(names);
}
