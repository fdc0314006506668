/** Which rules calls are read by. In a file of its own: who looks for an event by the id that they gave it needs no rules. */
export const rulesVersion = 'rules-2026.11-4';
