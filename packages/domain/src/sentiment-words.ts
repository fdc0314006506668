/** Words by how they colour what a caller says; a politeness that closes every call weighs little. */
const weighted: readonly (readonly [number, string])[] = [
  [
    3,
    'love loved fantastic excellent amazing wonderful brilliant awesome outstanding superb delighted perfect lifesaver thrilled',
  ],
  [
    2,
    'great happy glad pleased lovely best super grateful impressed appreciate appreciated fabulous terrific relieved badhiya shandar joy beautiful fun enjoy enjoyed win winner 😀 😍 😊 ❤ 🙏 👍',
  ],
  [
    1,
    'good nice helpful kind friendly thanks thank better well easy quick fine cool smooth clear works welcome sweet polite comfortable interesting hope funny lucky smile safe yay accha acha achha theek dhanyavaad shukriya haha lol 🙂',
  ],
  [
    -1,
    'late wait waiting waited wrong problem problems issue slow busy confusing confused sorry unfortunately difficult hard trouble miss missed lost tired concerned worry worried delay delayed expensive boring long weird lonely cry 😕',
  ],
  [
    -2,
    'bad poor upset annoying annoyed unhappy disappointed disappointing frustrated frustrating rude complaint complain sad afraid hurt hurts pain painful fail failed useless stupid unhelpful hate ridiculous nonsense ignored careless kharab bekar pareshan sick ugly fear fight stress stressed damn 😞 😢 😭 👎',
  ],
  [
    -3,
    'terrible horrible awful angry furious worst pathetic disgusting unacceptable appalling outrageous disgusted shocking scam liar cheated fraud hell gussa 😡 🤬',
  ],
];

export const lexicon: ReadonlyMap<string, number> = new Map(
  weighted.flatMap(([weight, words]) => words.split(' ').map((word) => [word, weight] as const)),
);

/**
 * Words that in a clinic's calls name symptoms, days and hours, and colour nothing: what hurts, who is late, what would be
 * better. Of a text from elsewhere they count.
 */
export const plainInClinics: ReadonlySet<string> = new Set(
  (
    'pain painful hurt hurts sick late wait waiting waited miss missed lost well kind super hope problem problems issue issues ' +
    'trouble tired worry worried concerned afraid fear cry hard difficult long busy delay delayed better fine works quick clear ' +
    'safe stress stressed weird slow smooth cool sweet comfortable fight easy'
  ).split(' '),
);

export const negations: ReadonlySet<string> = new Set(
  "not no never nobody nothing isn't wasn't don't doesn't didn't won't can't cannot couldn't wouldn't aren't without hardly nahi nahin dont cant isnt wont".split(
    ' ',
  ),
);

export const intensifiers: ReadonlyMap<string, number> = new Map(
  Object.entries({
    very: 1.4,
    really: 1.4,
    so: 1.3,
    extremely: 1.6,
    absolutely: 1.5,
    totally: 1.4,
    completely: 1.4,
    too: 1.2,
    bahut: 1.4,
    super: 1.3,
    incredibly: 1.6,
    truly: 1.3,
    quite: 1.1,
    slightly: 0.6,
    little: 0.7,
    bit: 0.7,
    somewhat: 0.7,
    kind: 0.8,
  }),
);
