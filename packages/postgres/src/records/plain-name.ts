/** A column's name as `plainName` of the domain has it: without case and needless spaces. */
export function plainNameOf(column: string): string {
  return `lower(regexp_replace(btrim(${column}), '\\s+', ' ', 'g'))`;
}
