/** By which patients and the clinic are in touch. */
export const conversationChannels = ['voice', 'whatsapp', 'sms', 'email'] as const;
