/** Numbers as people read them: units always, two decimals for Dice, one for mm and mL, a true minus sign. */
import { counted, whole } from '../../shared/counts';

export { counted, whole };

const minus = (text: string) => text.replace('-', '−');
const dash = '–';

/** A number with a fixed count of decimals; a dash where there is none. `−0.0` is written `0.0`. */
export function decimals(value: number | null | undefined, count: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return dash;
  const text = value.toFixed(count);
  return minus(Number(text) === 0 ? (0).toFixed(count) : text);
}

export const dice = (value: number | null | undefined): string => decimals(value, 2);
export const millimetres = (value: number | null | undefined): string => withUnit(decimals(value, 1), 'mm');
export const millilitres = (value: number | null | undefined): string => withUnit(decimals(value, 1), 'mL');
const withUnit = (text: string, unit: string) => (text === dash ? dash : `${text} ${unit}`);

/** A difference with its sign: `+0.06`, `−0.3`, `0.0`. */
export const signed = (value: number, count: number): string => `${Number(value.toFixed(count)) > 0 ? '+' : ''}${decimals(value, count)}`;

/** `+14.2 mL`, `−3.1 mL`, `0.0 mL`. */
export const signedMillilitres = (value: number): string => `${signed(value, 1)} mL`;

/** Three significant digits, plain where that is readable: `0.001`, `1.2e-5`, `1 480`. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return dash;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e7)) return minus(value.toExponential(1));
  return size >= 1000 ? whole(value) : minus(String(Number(value.toPrecision(3))));
}

/** Time as said aloud: `8 s`, `6 min`, `1 h 20 min`, `2 d 4 h`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return dash;
  if (seconds < 1) return 'under 1 s';
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  const m = Math.round(s / 60);
  if (m < 60) return s < 600 && s % 60 !== 0 ? `${Math.floor(s / 60)} min ${s % 60} s` : `${m} min`;
  const [h, restMinutes] = [Math.floor(m / 60), m % 60];
  if (h < 48) return restMinutes ? `${h} h ${restMinutes} min` : `${h} h`;
  const [d, restHours] = [Math.floor(h / 24), h % 24];
  return restHours ? `${d} d ${restHours} h` : `${d} d`;
}

/** Time left, coarse so that it does not flicker; words while nobody knows. */
export function timeLeft(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return 'estimating time left';
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds))} s left`;
  return `${duration(Math.round(seconds / 60) * 60)} left`;
}

const steps = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
/** Bytes in powers of 1000: `2.1 GB`. */
export function bytes(count: number): string {
  let [value, step] = [count, 0];
  while (value >= 999.5 && step < steps.length - 1) {
    value /= 1000;
    step += 1;
  }
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${steps[step]}`;
}

/** Parameters of a network: `1.5 M`. */
export function parameterCount(count: number): string {
  if (count >= 1e6) return `${(count / 1e6).toFixed(1)} M`;
  return count >= 1e3 ? `${Math.round(count / 1e3)} k` : String(count);
}

/** `18:04` today, `12 Mar 18:04` before, with the year when it is another. */
export function moment(iso: string, now = new Date()): string {
  const at = new Date(iso);
  const time = `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`;
  if (at.toDateString() === now.toDateString()) return time;
  const month = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][at.getMonth()];
  return `${at.getDate()} ${month}${at.getFullYear() === now.getFullYear() ? '' : ` ${at.getFullYear()}`} ${time}`;
}

/** A point in RAS+ millimetres with its letters: `R 42.5  A −18.0` becomes `R 42.5  P 18.0  S 131.0 mm`. */
export function positionMm([x, y, z]: readonly [number, number, number]): string {
  const letter = (value: number, positive: string, negative: string) =>
    `${Number(value.toFixed(1)) < 0 ? negative : positive} ${Math.abs(value).toFixed(1)}`;
  return `${letter(x, 'R', 'L')}  ${letter(y, 'A', 'P')}  ${letter(z, 'S', 'I')} mm`;
}
