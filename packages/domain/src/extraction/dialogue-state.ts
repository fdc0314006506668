import type { Entity } from '@switchboard/schemas';
import type { Found } from './types.ts';

/** Entities of which one state holds at a time: a later one replaces it. */
const maxMentions = 16;

/**
 * What has been said so far, by entity name. Of one name the last accepted mention is the state; an agent's proposal
 * that the caller refuses is taken back, so that the state before it holds again.
 */
export class DialogueState {
  readonly #mentions = new Map<string, Entity[]>();
  #proposed: { name: string; entity: Entity }[] = [];

  /** Takes what a caller said, or an agent stated. */
  accept(name: string, turn: number, found: Found): void {
    this.#push(name, toEntity(name, turn, found));
  }

  /** Takes what an agent said, to be kept unless the next caller's turn refuses it. */
  propose(name: string, turn: number, found: Found): void {
    const entity = toEntity(name, turn, found);
    this.#push(name, entity);
    this.#proposed.push({ name, entity });
  }

  /** The caller said no to the last proposal; `keep` names entities that stand although. */
  refuse(keep: ReadonlySet<string> = new Set()): void {
    for (const { name, entity } of this.#proposed) {
      if (keep.has(name)) continue;
      const mentions = this.#mentions.get(name) ?? [];
      const rest = mentions.filter((one) => one !== entity);
      this.#mentions.set(name, rest);
    }
    this.#proposed = [];
  }

  /** The caller has answered: what was proposed stands. */
  settle(): void {
    this.#proposed = [];
  }

  drop(name: string): void {
    this.#mentions.delete(name);
  }

  last(name: string): Entity | undefined {
    return this.#mentions.get(name)?.at(-1);
  }

  all(name: string): readonly Entity[] {
    return this.#mentions.get(name) ?? [];
  }

  /** Every mention that stands, in spoken order; of one name the state comes last. */
  entities(): Entity[] {
    return [...this.#mentions.values()].flat().sort((a, b) => a.turn - b.turn || a.start - b.start);
  }

  #push(name: string, entity: Entity): void {
    const mentions = this.#mentions.get(name) ?? [];
    mentions.push(entity);
    if (mentions.length > maxMentions) mentions.splice(1, mentions.length - maxMentions);
    this.#mentions.set(name, mentions);
  }
}

function toEntity(name: string, turn: number, { value, normalised, start, end, confidence }: Found): Entity {
  return { name, value: value.slice(0, 200), normalised, turn, start, end, confidence };
}
