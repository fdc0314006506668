const set = (words: string) => new Set(words.trim().split(/\s+/));

/** Words that no name begins with, though speech or a sentence's start may capitalise them. */
export const notNames = set(`
  a able about above actually address afraid after afternoon again ago agent ah all alright also am amazing an and another any
  anyone anything appointment appointments april are area around as ask asking assistant at august available average awesome
  back bad be because been before best better between book booked booking bye call called calling can cancel cannot
  cant card care certainly check children city clinic clinics come coming complaining confirm confirmed confirming
  consultation correct could customer cosmetic date day days december definitely dental dentist dentists department did do doc doctor doctors does
  doing done dont down each either emergency english evening every everything excellent exactly feeling fine first for free february friday
  from front general get getting give glad go going good goodbye got great guess had happy has have having he hello
  help her here hey hi him his hindi hold home hope hospital how hurting i id if im in india interested is it its january july june
  just kindly know last later leave let lets like look looking lunch ma maam madam make march may maybe me medical
  meeting miss monday month more morning mr mrs ms much my name near need never new next nice night no none not
  november now number october of off oh ok okay old on one only open or other our out over patient perfect perhaps
  phone please possible practitioner prefer preferred problem psychiatrist psychologist question rather really reception
  receptionist recommend reschedule right running salon salons same saturday say schedule see september she should sick sir
  slot so some someone something soon sorry speak speaking specialist still stop sunday super sure surgery take talk tell
  tenth than thank thanks that thats the their them then therapist there theres these they thing think thinking this those thursday time
  to today tomorrow tonight too trouble try trying tuesday two uh um un unfortunately until unable up upset us use very visit
  wait waiting want wanted was wednesday week well were what when where which while who why will wish with wondering
  working would wrong yeah year years yes yesterday yet you your youre
  ji haan nahi nahin hai hain mera meri mujhe naam aap kya kal aaj aur bol raha rahi hoon hun ke ka ki ko se liye
  clock minutes hours hour address phone email dr namaste namaskar terrible horrible service urgent unacceptable ridiculous
  wonderful fantastic pregnant diabetic staff mother father sister brother son daughter wife husband emergency serious
  already hindu muslim christian sikh buddhist jewish catholic parsi indian american british canadian australian european
  asian chinese nepali punjabi gujarati marathi tamil telugu bengali kannada malayali english hindi vegetarian vegan
  asthmatic allergic anxious hypertensive married single unmarried divorced retired
  needs wants has had says said feels keeps gets goes comes does lives takes started stopped always usually sometimes often
  absolutely congratulations congratulation congrats hmm ahh aha salutations greetings understood noted brilliant
  lovely splendid terrific ive ill id youre theyre heres whats md mph gp gps ophthalmologist dermatologist
  cardiologist pediatrician gynecologist orthodontist counselor apparently luckily currently recently never fever pain cough cold ill unwell speaking calling
`);

/**
 * Words that are no name even behind "my name is", where any other may be one: Will, Happy, April, Grace are people too.
 */
export const functionWords = set(`
  a about above actually after again ago all already also always am an and another any anyone anything are as ask at back be
  because been before being best better between both but by call called can cannot cant changed confidential could
  correct did different do does doing done dont entered every for from get getting going had has have having he her here hers hi hello
  hey him his how i id if im in incorrect incorrectly is isnt it its just know later like listed looking made me misspelled
  missing mr mrs ms much my name need needs never no none not nothing now of off oh ok okay on once only or other our out over
  please pronounced registered right same say she should so some something sorry speak spelled spelt still such than thank
  thanks that thats the their them then there theres these they this those to today tomorrow too try um uh under until up us very visit
  want wanted was we well were what when where which who why with without would written wrong yes yeah yet you your
  appointment appointments doctor dr clinic hai hain aur mera meri mujhe main hoon hun ka ki ke kya ko nahi nahin se ji haan bol raha rahi
`);

/** Medical fields as callers and agents name them, with the word a clinic files them under. */
export const specialties: readonly (readonly [RegExp, string])[] = [
  [
    /\b(?:general (?:practitioner|physician|medicine|doctor)|family (?:doctor|physician|medicine)|gp|physician|internist)s?\b/gi,
    'general medicine',
  ],
  [/\b(?:dermatolog(?:ist|y)|skin (?:doctor|specialist|care doctor))s?\b/gi, 'dermatology'],
  [
    /\b(?:gyna?ecolog(?:ist|y)|gyna?ec|ob[ -]?gyn|obstetrician|lady doctor|women'?s (?:doctor|specialist))s?\b/gi,
    'gynaecology',
  ],
  [
    /\b(?:ent(?: (?:specialist|doctor|surgeon))?|ear,? nose,? (?:and|&) throat(?: (?:specialist|doctor))?|otolaryngolog(?:ist|y))s?\b/gi,
    'ENT',
  ],
  [/\b(?:ophthalmolog(?:ist|y)|eye (?:doctor|specialist|surgeon)|optometrist)s?\b/gi, 'ophthalmology'],
  [/\b(?:cardiolog(?:ist|y)|heart (?:doctor|specialist))s?\b/gi, 'cardiology'],
  [
    /\b(?:p(?:a)?ediatric(?:ian|s)?|child(?:ren'?s)? (?:doctor|specialist)|kids? doctor)s?\b/gi,
    'paediatrics',
  ],
  [
    /\b(?:orthop(?:a)?edic(?: (?:surgeon|doctor))?|orthopaedist|orthopedist|bone (?:doctor|specialist))s?\b/gi,
    'orthopaedics',
  ],
  [/\b(?:neurolog(?:ist|y)|brain (?:doctor|specialist))s?\b/gi, 'neurology'],
  [/\b(?:psychiatr(?:ist|y))s?\b/gi, 'psychiatry'],
  [/\b(?:psycholog(?:ist|y))s?\b/gi, 'psychology'],
  [/\b(?:family counsell?or|counsell?or|counsell?ing|family therapist)s?\b/gi, 'counselling'],
  [/\b(?:physiotherap(?:ist|y)|physical therapist|physio)s?\b/gi, 'physiotherapy'],
  [
    /\b(?:dentist(?:ry)?|dental (?:surgeon|care|check-?up|cleaning)|orthodontist|endodontist)s?\b/gi,
    'dentistry',
  ],
  [/\b(?:urolog(?:ist|y))s?\b/gi, 'urology'],
  [
    /\b(?:endocrinolog(?:ist|y)|diabetolog(?:ist|y)|diabetes (?:doctor|specialist)|thyroid (?:doctor|specialist))s?\b/gi,
    'endocrinology',
  ],
  [/\b(?:gastroenterolog(?:ist|y)|gastro|stomach (?:doctor|specialist))s?\b/gi, 'gastroenterology'],
  [/\b(?:oncolog(?:ist|y)|cancer (?:doctor|specialist))s?\b/gi, 'oncology'],
  [/\b(?:pulmonolog(?:ist|y)|chest (?:doctor|specialist)|lung (?:doctor|specialist))s?\b/gi, 'pulmonology'],
  [/\b(?:nephrolog(?:ist|y)|kidney (?:doctor|specialist))s?\b/gi, 'nephrology'],
  [/\b(?:radiolog(?:ist|y)|x-?ray|ultrasound|sonography|mri|ct scan)s?\b/gi, 'radiology'],
  [/\b(?:dietici?an|nutritionist)s?\b/gi, 'nutrition'],
];
