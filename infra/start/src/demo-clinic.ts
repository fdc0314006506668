import type { TenantNumber } from '@switchboard/postgres/tenancy/tenants';

/** A clinic that is made up, with all that it needs to be called, as it is put into a database. */
export interface SeededClinic {
  slug: string;
  name: string;
  /** IANA name. */
  timeZone: string;
  /** ISO 3166-1 alpha-2. */
  country: string;
  /** BCP 47. */
  locale: string;
  ownerEmail: string;
  ownerName: string;
  numbers: readonly TenantNumber[];
  locations: readonly string[];
  departments: readonly string[];
  /** Times in minutes. */
  appointmentTypes: readonly { name: string; minutes: number; bufferAfter: number; leadTime: number }[];
  practitioners: readonly SeededPractitioner[];
  /** First name, last name, date of birth, phone. */
  patients: readonly (readonly [string, string, string, string])[];
}

export interface SeededPractitioner {
  name: string;
  specialty: string;
  department: string;
  /** Hours by location, local wall time. Weekday 1 is Monday. */
  hours: readonly PractitionerHours[];
}

export interface PractitionerHours {
  location: string;
  weekdays: readonly number[];
  /** HH:MM */
  starts: string;
  ends: string;
}

const WEEK = [1, 2, 3, 4, 5];

const demoPractitioners: readonly SeededPractitioner[] = [
  {
    name: 'Dr. Rohan Mehta',
    specialty: 'General physician',
    department: 'General Medicine',
    hours: [
      { location: 'Bandra', weekdays: [...WEEK, 6], starts: '09:00', ends: '13:00' },
      { location: 'Bandra', weekdays: WEEK, starts: '15:00', ends: '19:00' },
    ],
  },
  {
    name: 'Dr. Priya Nair',
    specialty: 'General physician',
    department: 'General Medicine',
    hours: [{ location: 'Powai', weekdays: [...WEEK, 6], starts: '10:00', ends: '17:00' }],
  },
  {
    name: 'Dr. Arjun Iyer',
    specialty: 'Cardiologist',
    department: 'Cardiology',
    hours: [
      { location: 'Bandra', weekdays: [1, 3, 5], starts: '10:00', ends: '14:00' },
      { location: 'Powai', weekdays: [2, 4], starts: '15:00', ends: '19:00' },
    ],
  },
  {
    name: 'Dr. Sneha Kulkarni',
    specialty: 'Dermatologist',
    department: 'Dermatology',
    hours: [{ location: 'Bandra', weekdays: [1, 2, 4, 6], starts: '11:00', ends: '18:00' }],
  },
  {
    name: 'Dr. Vikram Rathod',
    specialty: 'Orthopaedic surgeon',
    department: 'Orthopaedics',
    hours: [{ location: 'Powai', weekdays: [1, 3, 5], starts: '09:30', ends: '15:30' }],
  },
  {
    name: 'Dr. Fatima Sheikh',
    specialty: 'Paediatrician',
    department: 'Paediatrics',
    hours: [{ location: 'Bandra', weekdays: [...WEEK, 6], starts: '16:00', ends: '20:00' }],
  },
  {
    name: 'Dr. Daniel Fernandes',
    specialty: 'Dentist',
    department: 'Dentistry',
    hours: [{ location: 'Powai', weekdays: [2, 4, 6], starts: '10:00', ends: '18:00' }],
  },
  {
    name: 'Dr. Meera Banerjee',
    specialty: 'Paediatrician',
    department: 'Paediatrics',
    hours: [{ location: 'Powai', weekdays: WEEK, starts: '09:00', ends: '13:00' }],
  },
];

/** The first four are one family on one phone. */
const demoPatients: SeededClinic['patients'] = [
  ['Suresh', 'Patil', '1972-03-14', '+919820100001'],
  ['Lata', 'Patil', '1975-11-02', '+919820100001'],
  ['Rahul', 'Patil', '2004-07-21', '+919820100001'],
  ['Riya', 'Patil', '2009-01-30', '+919820100001'],
  ['Kavita', 'Rao', '1988-05-09', '+919820100002'],
  ['Amit', 'Sharma', '1991-12-17', '+919820100003'],
  ['Neha', 'Sharma', '1993-08-04', '+919820100004'],
  ['Imran', 'Khan', '1984-02-25', '+919820100005'],
  ['Ayesha', 'Khan', '1986-10-11', '+919820100006'],
  ['Joseph', 'DSouza', '1959-06-19', '+919820100007'],
  ['Maria', 'DSouza', '1962-04-07', '+919820100008'],
  ['Deepak', 'Joshi', '1979-09-28', '+919820100009'],
  ['Pooja', 'Joshi', '1983-01-16', '+919820100010'],
  ['Sanjay', 'Gupta', '1968-07-03', '+919820100011'],
  ['Ritu', 'Gupta', '1971-03-22', '+919820100012'],
  ['Karan', 'Malhotra', '1996-11-08', '+919820100013'],
  ['Simran', 'Kaur', '1990-05-27', '+919820100014'],
  ['Harpreet', 'Singh', '1965-08-13', '+919820100015'],
  ['Lakshmi', 'Subramaniam', '1955-02-01', '+919820100016'],
  ['Venkatesh', 'Subramaniam', '1951-10-20', '+919820100017'],
  ['Divya', 'Menon', '1994-06-05', '+919820100018'],
  ['Arun', 'Menon', '1989-12-24', '+919820100019'],
  ['Sunita', 'Deshmukh', '1977-04-18', '+919820100020'],
  ['Prakash', 'Deshmukh', '1974-09-09', '+919820100021'],
  ['Anjali', 'Verma', '2000-01-12', '+919820100022'],
  ['Rajesh', 'Verma', '1970-07-29', '+919820100023'],
  ['Nisha', 'Agarwal', '1985-03-06', '+919820100024'],
  ['Manoj', 'Agarwal', '1981-11-15', '+919820100025'],
  ['Tanvi', 'Shah', '1998-08-23', '+919820100026'],
  ['Hitesh', 'Shah', '1966-05-31', '+919820100027'],
  ['Geeta', 'Bhatt', '1958-12-10', '+919820100028'],
  ['Mohammed', 'Ansari', '1992-02-14', '+919820100029'],
  ['Zainab', 'Ansari', '1995-10-03', '+919820100030'],
  ['Sourav', 'Chatterjee', '1987-06-26', '+919820100031'],
  ['Ishita', 'Chatterjee', '1990-04-02', '+919820100032'],
  ['Naveen', 'Reddy', '1982-09-17', '+919820100033'],
  ['Swathi', 'Reddy', '1986-01-08', '+919820100034'],
  ['Gaurav', 'Chopra', '1978-07-12', '+919820100035'],
  ['Mitali', 'Ghosh', '2001-03-19', '+919820100036'],
  ['Yash', 'Thakkar', '2015-11-25', '+919820100037'],
];

/** The clinic that `npm start` comes with. Its people are made up. */
export const demoClinic: SeededClinic = {
  slug: 'lotus-clinic',
  name: 'Lotus Clinic',
  timeZone: 'Asia/Kolkata',
  country: 'IN',
  locale: 'en-IN',
  ownerEmail: 'owner@lotus-clinic.example',
  ownerName: 'Ananya Kapoor',
  numbers: [
    { number: '+912240001234', channel: 'voice' },
    { number: '+912240001234', channel: 'whatsapp' },
  ],
  locations: ['Bandra', 'Powai'],
  departments: ['General Medicine', 'Cardiology', 'Dermatology', 'Orthopaedics', 'Paediatrics', 'Dentistry'],
  appointmentTypes: [
    { name: 'Consultation', minutes: 20, bufferAfter: 0, leadTime: 60 },
    { name: 'Follow-up', minutes: 15, bufferAfter: 0, leadTime: 60 },
    { name: 'Health check', minutes: 45, bufferAfter: 15, leadTime: 720 },
    { name: 'Vaccination', minutes: 10, bufferAfter: 5, leadTime: 60 },
    { name: 'Dental cleaning', minutes: 30, bufferAfter: 10, leadTime: 120 },
  ],
  practitioners: demoPractitioners,
  patients: demoPatients,
};
