import type { Random } from './random.ts';

/** Symbol to its ways of being said. `<symbol>` stands for another, `{name}` for a value, `[a|b|]` for a choice. */
export type Grammar = Readonly<Record<string, readonly string[]>>;

/** One way of saying a text, symbols and choices resolved, values put in, spaces tidied. */
export function say(
  random: Random,
  grammar: Grammar,
  text: string,
  values: Readonly<Record<string, string>>,
): string {
  let said = text;
  for (let depth = 0; depth < 8 && /[<[{]/.test(said); depth++) {
    said = said
      .replace(/<([a-z0-9-]+)>/g, (_, symbol: string) => random.pick(grammar[symbol] ?? [symbol]))
      .replace(/\[([^[\]<>]*)\]/g, (_, choices: string) => random.pick(choices.split('|')))
      .replace(/\{([a-zA-Z0-9]+)\}/g, (whole, name: string) => values[name] ?? whole);
  }
  return said
    .replace(/\s+/g, ' ')
    .replace(/ ([,.?!])/g, '$1')
    .trim();
}

/** How a recogniser without punctuation would have written it. */
export function asHeard(text: string): string {
  return text
    .replace(/\bDr\.?/g, 'doctor')
    .replace(/[,.?!]/g, '')
    .toLowerCase();
}
