/** Finds structures that are each other's mirror image by name: left and right kidney, `hip_l` and `hip_r`. */

const opposite: Record<string, string> = {
  left: 'right',
  right: 'left',
  l: 'r',
  r: 'l',
  lt: 'rt',
  rt: 'lt',
  links: 'rechts',
  rechts: 'links',
};

const tokensOf = (name: string): string[] =>
  name
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);

/** Index of the mirrored structure for every structure, or null. Partners always point at each other. */
export function mirrorsOf(structures: readonly { index: number; name: string }[]): Map<number, number | null> {
  const byTokens = new Map(structures.map(({ index, name }) => [tokensOf(name).join(' '), index]));
  const partner = (name: string) =>
    byTokens.get(
      tokensOf(name)
        .map((token) => opposite[token] ?? token)
        .join(' '),
    );
  const wished = new Map(structures.map(({ index, name }) => [index, partner(name) ?? null]));
  const isMutual = (index: number, other: number | null) => other !== null && other !== index && wished.get(other) === index;
  return new Map([...wished].map(([index, other]) => [index, isMutual(index, other) ? other : null]));
}
