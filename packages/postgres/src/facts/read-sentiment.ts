const sentiments = ['positive', 'neutral', 'negative'] as const;

/** Null: unknown, or a word that is none of these. */
export function readSentiment(text: string | null): (typeof sentiments)[number] | null {
  return sentiments.find((sentiment) => sentiment === text) ?? null;
}
