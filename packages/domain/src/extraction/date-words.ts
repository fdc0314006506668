/** Words that name days, months and their order. */
export const months =
  'january february march april may june july august september october november december'.split(' ');
export const weekdays = 'monday tuesday wednesday thursday friday saturday sunday'.split(' ');
export const hindiWeekdays: Readonly<Record<string, number>> = {
  somvaar: 1,
  somvar: 1,
  somwar: 1,
  mangalvaar: 2,
  mangalvar: 2,
  mangalwar: 2,
  budhvaar: 3,
  budhvar: 3,
  budhwar: 3,
  guruvaar: 4,
  guruvar: 4,
  guruwar: 4,
  shukravaar: 5,
  shukravar: 5,
  shukrawar: 5,
  shukrvar: 5,
  shanivaar: 6,
  shanivar: 6,
  shaniwar: 6,
  ravivaar: 7,
  ravivar: 7,
  raviwar: 7,
  itvaar: 7,
  itwar: 7,
};
export const units = 'first second third fourth fifth sixth seventh eighth ninth'.split(' ');
export const teens =
  'tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth'.split(
    ' ',
  );
