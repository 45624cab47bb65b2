/** Counts as people read them. */

/** Whole numbers with thin spaces between thousands and a true minus sign: `12 480`. */
export const whole = (value: number): string =>
  String(Math.round(value))
    .replace('-', '−')
    .replace(/\B(?=(\d{3})+$)/g, '\u202f');

/** `1 case`, `4 cases`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${whole(count)} ${count === 1 ? one : many}`;
