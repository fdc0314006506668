/** The clinic that is called, as its voice agent knows it. */
export interface SimulatedClinic {
  name: string;
  /** IANA name. */
  timeZone: string;
  /** E.164. */
  number: string;
  practitioners: readonly { name: string; field: string }[];
  /** Callers that the clinic knows; `phone` in E.164. Others are made up. */
  patients: readonly { first: string; last: string; phone: string }[];
}

/** The demo clinic, whose callers are partly patients of its. */
export const demoCallers: SimulatedClinic = {
  name: 'Lotus Clinic',
  timeZone: 'Asia/Kolkata',
  number: '+912240001234',
  practitioners: [
    { name: 'Rohan Mehta', field: 'general physician' },
    { name: 'Priya Nair', field: 'general physician' },
    { name: 'Arjun Iyer', field: 'cardiologist' },
    { name: 'Sneha Kulkarni', field: 'dermatologist' },
    { name: 'Vikram Rathod', field: 'orthopaedic surgeon' },
    { name: 'Fatima Sheikh', field: 'paediatrician' },
    { name: 'Daniel Fernandes', field: 'dentist' },
  ],
  patients: [
    { first: 'Suresh', last: 'Patil', phone: '+919820100001' },
    { first: 'Riya', last: 'Patil', phone: '+919820100001' },
    { first: 'Kavita', last: 'Rao', phone: '+919820100002' },
    { first: 'Amit', last: 'Sharma', phone: '+919820100003' },
    { first: 'Imran', last: 'Khan', phone: '+919820100005' },
    { first: 'Deepak', last: 'Joshi', phone: '+919820100009' },
    { first: 'Simran', last: 'Kaur', phone: '+919820100014' },
    { first: 'Divya', last: 'Menon', phone: '+919820100018' },
  ],
};

export const firstNames =
  'Aarav Aditi Akash Alok Amrita Anil Anita Bhavna Chetan Damini Esha Farhan Gauri Harish Indira Jatin Jyoti Kabir Kiran Leela Madhav Mohini Nandini Nikhil Omkar Parth Pallavi Rekha Ritika Sameer Shalini Sonal Tarun Uma Varun Vidya Waseem Yamini Zoya Thomas Sarah'.split(
    ' ',
  );
export const lastNames =
  'Acharya Bansal Bhatia Chavan Dalvi Desai Dutta Gokhale Hegde Jain Kamath Kapadia Lobo Mahajan Mishra Nambiar Oza Pandit Pillai Qureshi Rane Saxena Sethi Shetty Tiwari Trivedi Vaidya Wagle Yadav Zaveri'.split(
    ' ',
  );
