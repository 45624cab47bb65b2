/** Names from data sets as people read them. */

/** `kidney_right` becomes `Kidney right`; names somebody wrote with care stay as they are. */
export function readable(name: string): string {
  const words = name.replaceAll('_', ' ').trim();
  return /[A-Z]/.test(words) ? words : words.charAt(0).toUpperCase() + words.slice(1);
}
