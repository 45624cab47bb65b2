/** What the launcher tells a person instead of a stack: a sentence saying what failed and what to do. */
// @ts-check
export class LaunchError extends Error {
  /** @override */
  name = 'LaunchError';
}
