import { hindiWeekdays, teens, units } from './extraction/date-words.ts';
import { digitWords, teenWords, tensWords } from './extraction/number-words.ts';
import { functionWords, notNames } from './extraction/words.ts';

/** What people write to a clinic besides the words that no name begins with; hardly any is somebody's name as well. */
const written = `
  accept accepted according accident ache aches aching add added admission admit admitted advance advice advise advised age aged ahead allow allowed almost
  alone along although among amount answer anyhow anymore anyway apart apologies apology apply appreciate approve approved arm arrange arranged arrival arrive
  arrived arriving asap asthma attach attached attend attending availability avoid await awake away
  babies baby backache balance bandage bank bath beautiful bed begin behind believe below besides big billing bills bit bite bleeding bless blood body
  boil bone book booking bookings boss bother bottle box boy branch bread break breakfast breath breathing bring bringing broke broken brought bruise brush building
  burn burning bus business busy button buy
  cab camp cancellation cancelled cancelling capsule capsules car case cases cash cavity center centre certain certificate chance change changes changing charge
  charged charges chat cheap check checked checkup chest child choice choose claim class clean cleaning clear clearly close closed closer closes closing cloth
  clock coffee college comfortable company complaint complaints complete completed concern concerned condition confirmation congestion connect consult
  consulting consultant contact continue control copy cost costs cough coughing count couple course cousin cover covered covid cream crown cure cut
  daily damage danger dates deal decide decided delay delayed delete deliver delivery dengue deposit describe desk detail details diabetes diagnosis diarrhea
  diet different difficult digit dinner direct direction directions disappointed discharge discount discuss disease distance disturb dizziness dizzy docs document
  documents dosage dose doses double doubt drink drive driver driving drop drops dry due during duty
  ear earlier early ears easily easy eat eating effect eighteen either else email empty end enough enquire enquiry enter entire entry equipment error especially
  estimate etc even ever exact exam example except exchange excuse exercise expect expected expensive experience explain extra extraction extreme extremely eye eyes
  face facing fact fail failed fall family fare fast fasting father fault fee feedback feel fees feet felt female few fifth fill filled filling film final finally
  find finger fingers finish finished fit fix fixed flight flu fluid folder follow followed following followup food foot forget forgot forgotten form forms forward
  found fracture free fresh full further future
  gas gave gel gets given giving glasses goes gone grandchild great greatly grateful group guest gum gums guys
  hair half hand hands handle happen happened happening hard hardly headache health healthy hear heard heart heat heavy height held helped helpful helping human operator hence
  high hip history hit hold holiday holidays hopefully hopeful hospitals hot hotel however huge hungry hurry hurt hurts
  ignore image images imp important impossible improve improved inch include included infection inform information informed injection injured injury inside
  instead insurance interest internet interview intimate invoice issue issues itch itching item
  job join joint joints junior
  keep keeping kept key kids kidney kids kind knee knees knew knock knowing known
  lab lady language large late latest laugh leak leaving left leg legs less letter level lie lift light likely line link lip lips liquid list little live liver
  living load local location lock logged long longer looks loose lose losing loss lost lot lots loud love low lower luck lump lunchtime lungs
  machine mail main makes making male manage manager managed many map mask matter matters mean means meant measure medication medications medicine
  medicines meds meet members mention mentioned menu message messaged messages met middle midnight mild mind mine minor minute missed missing mistake
  mobile moment money months mood mostly mouth move moved moving much mum muscle must myself
  nails names natural nausea nearby nearest nearly neck needed needle negative neighbour neither nervous news nicely nights noon nor normal nose note noted
  notes noticed notification nurse
  obviously occur off offer offers office officer often oil older once online operation opinion opened opening opens oral order ordered original others ought
  ours ourselves outside overdue own
  pack package packet page paid pair panic paper papers parcel parent parents park parking part parts pass password past path patients pause pay paying payment
  payments pending people per period periods permission person personal phones photo photos physio pic pick picked pics picture pictures piece pill pills pink
  place plan planned planning plans plaster plate play pls plz plzz point police policy polite poor position positive post postpone postponed power prefer
  pregnancy prepare prepared prescribe prescribed prescription prescriptions present pressure pretty prices print prior private probably procedure
  process product profile progress promise proof proper properly provide provided public pull pulse purpose push put
  quality queries query queue quick quickly quiet quite
  rash rashes rate rates rather rating reach reached reaching reaction read ready real reason reasons receipt receive received recent recommend record records recover
  recovered recovery red reduce refer referral referred refill refund regard regarding register registered registration regular regularly related relation
  relief remain remember remind reminder reminders remove removed repeat replied reply report reports request requested require required reschedule
  rescheduled rescheduling resend reserve resolve respond response rest result results return returned review rid ride ring road room root round route
  routine rude rupees
  safe said salt sample samples sat save saw scan scanned scans scared school score screen scheduled season seat section seeing seem seems seen select
  send sending senior sense sensitive sent separate seriously session sessions set setting seven several severe shall share shared sharp shift ship shock
  shop short shortly shot shots shoulder show showing shows shut side sign signed silly similar simple simply since single sit site sitting situation size
  skin skip sleep sleeping slight slightly slip slots slow slowly small smell smoke smoking sms snack soft sold solution solve somebody somehow sometime
  somewhere sore sort sound source space special specific spell spend spinal spine spoke spoken spot sprain stable stairs stand standing start starting state
  station status stay staying step steps stick stiff stitch stitches stomach stool stopped storage story straight strange street stress strip strong
  stuck student study stuff such sudden suddenly suffer suffering sugar suggest suggested suggestion suit suitable suits sum summary supply support suppose
  supposed surely surgeon surprise swelling swollen symptom symptoms syrup system
  table tablet tablets taken taking talked talking tax taxi tea team tear technical teeth telephone temperature temporary ten tenure term test tested testing tests
  text thankful thankyou thnx thnks thirst thought thousand throat throughout thumb thus thx thyroid ticket tie tight till times timing timings tip tired title
  tnx toe together toilet token told tomo tomm tongue tonsils took tooth toothache top total touch tough toward towards town track traffic train training transfer
  transport travel travelling treat treated treatment treatments tried trip true truly trust truth tube turn twice type types typhoid typing
  ultrasound uncle aunt underneath understand understanding unless unknown update updated updates upload upper upto urgency urgently urine usual usually
  vaccination vaccine vaccines vacation valid value van various vary vehicle vein version via video view viral virus vision visited visiting visitor visits
  vitamin voice vomit vomiting vomits
  waist wake walk walked walking wall warm warning wash watch water way ways weak weakness wear website weekend weekends weekly weeks weight weird welcome went
  wet whatever whatsapp wheel wheelchair whenever wherever whether whole whom whose wide window wisdom within woke woman women wonder word words worked works
  worry worried worse worst worth wound wrist write writing written wrote
  xray yearly yep yup yesterday yet younger yours yourself zero alright okey okk kk hmmm okie oki sir mam mamm gud gm gn mrng morng eve evng ya yaa yah nope
  pleased dear respected regards sincerely faithfully warmly cheers bye goodnight hii hiii hiya helo hlo ssup sup lol haha hehe oops wow ahem kindly plss plssss
  hrs hr min mins am pm noon yrs yr kg kgs cm mg ml rs inr usd am appt appts apt app tmrw tmr tomrw tmrow mon tue tues wed thu thur thurs fri feb mar apr
  jun jul aug sept sep oct nov dec st nd rd th weekday weekdays eod asap fyi np nvm idk btw u ur r y n k c bp ecg mri ct opd ipd icu hba cbc lft kft tsh
  yellow blue male female gents ladies adult kid mom dad grandma grandpa
`;

/** Hindi in Latin letters, as it is typed. */
const hinglish = `
  aa aaiye aana aane aata aati aaya aayi aayega aaunga aaungi ab abhi accha acha achha achi achhe achhi agar agla agle agli aisa aise aisi andar apka apki apke apna
  apne apni apko aapka aapki aapke aapko aapse are arre arey aakar baad baar baat babu bacha bachcha bacche bachche bachi badi bada bade badhiya bahar bahut bohot
  bhaut bas batao bataiye batana batayein bataye bataiyega baje beech bhai bhaiya bhejo bheja bhej bhejna bhejiye bhejdo bhi bilkul bimar bina bolna boliye bolo bola bukhar
  chahie chahiye chahta chahti chal chala chaliye chalo chalega cheez chota choti chutti chuka chuki daant dard dawa dawai dawaiyan de dedo dekar dekh dekha dekhna dekhiye
  dekho dena denge dijiye diya din dino dhanyavad dhanyavaad dhanyawad doosra doosri dopahar dopahr do dusra dusre dusri ek ekdum fir gaya gayi gaye ghar ghanta ghante
   galat haa haanji hafta hafte hamara hamare hamari hamein hame han hanji har hath haath ho hogi hoga hoge hona hone hota hoti hua hui hue hum humara humare
  humko hu hun hoo iska iski iske isko isliye is isse itna itne itni ja jaa jaana jaane jab jaise jaisa jaldi jana jane jao jata jati jaunga jaungi jayega jayegi jee jis jo
  jaisi ka kaam kab kabhi kaha kahan kahaan kaise kaisa kaisi kal kam kar kara karo kare karein karke karna karne karni karta karti karva karwa karwana karwani karde
  kardo kardijiye kariye karu karun karunga karungi kaun kaunsa kaunsi khana khani khansi khoon khali kharab khatam kharcha khud ki kiya kiye kijiye kidhar kis kisi kisko
  kitna kitne kitni ko koi kripya kripaya krna kro krdo krke kr kuch kuchh kyon kyun kyu kyunki lag laga lagta lagti lagana lagega lagegi le lekar lekin lena lenge lene
  leni liya liye lo log logon mai maaf maf mahina mahine main mai mat matlab me mei mein mera mere meri mil mila milega milegi milna milne milenge mujhko mujhse mujhe mana
  na nahi nahin nai naa namaskaar namaskar namaste nhi ni niche neeche nikal pr pet par para parson parso parsu pas paas pehle pahle pehla phir pichle pichla pura puri
  poora poori pata paise paisa pair peeth pe raat rahe rahega rahegi rahenge rakh rakho rakhna rha rhi rhe ruk ruko rukiye roz roj sab sabhi sabse sahi sahab sakta
  sakti sakte sakenge sakta samajh samay sar sir saal saath sath se sehat shaam shayad shukriya shuru sirf sirdard so subah subha subeh tab tabiyat tabiyet tak takleef tarikh
  taklif tarah theek thik thk thoda thodi thode tha thi the to toh tum tumhara tumhare tumko tha uska uski uske usko unka unki unke unko unse us use upar vo voh wo woh
  waha wahan wahi wala wale wali waise waqt wapas vaapas ya yaar yeh ye yaha yahan yahi zara zyada jyada zaroor zarur jarur zarurat jarurat zukam jukam
  beta beti maa mummy mumma mammi papa pitaji mataji chacha chachi mama mami dadi pati patni behan behen didi bete bacchi bachon bachcho
  aadha aadhe sava sade saadhe paune dhai dedh gyarah gyaara barah baara terah chaudah pandrah solah satrah atharah unnis bees tees chalis pachas sau hazar
`;

const place =
  /^(?:villas?|nagar|colony|sector|society|socs?|apartments?|apts?|tower|towers|residency|residences?|heights|enclave|vihar|marg|chowk|gali|layout|phase|block|floor|flat|plot|house|bungalow|bhavan|bhawan|niwas|nivas|wing|near|opp|opposite|behind|landmark|street|road|rd|lane|avenue|drive|cross|main|circle|square|village|taluka|tehsil|dist|district|pin|pincode|wadi|peth|puram|garden|gardens|complex|chawl|cottage|mansion|plaza|mall|temple|mandir|masjid|junction|highway|bypass|extension)$/i;

const ordinary: ReadonlySet<string> = new Set([
  ...notNames,
  ...functionWords,
  ...[...written.matchAll(/\S+/g), ...hinglish.matchAll(/\S+/g)].map(([word]) => word),
  ...[...units, ...teens, 'twentieth', 'thirtieth'],
  ...[digitWords, tensWords, teenWords, hindiWeekdays].flatMap(Object.keys),
]);

/** Whether a word that is written to a clinic is nobody's name, as far as is known; one with a digit is none. */
export function isOrdinaryWord(word: string): boolean {
  const plain = word.toLowerCase().replace(/['’.]/g, '');
  return /\p{Nd}/u.test(plain) || ordinary.has(plain);
}

/** Whether a word belongs to addresses. */
export function isPlaceWord(word: string): boolean {
  return place.test(word);
}
