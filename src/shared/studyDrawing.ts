/** The two drawings of a study as shapes, so that the workbench and the report show the same: paired differences, and the label-budget curve. */
import type { Estimate, PairedDifference } from './pairedDifferences';
import type { TrainSettings } from './runs';
import type { StudyConfiguration, StudyReport } from './studies';

/** `axis` is a thin line; `series0` … `series6` are configurations. */
export type Tone = 'axis' | 'quiet' | 'text' | `series${number}`;
export type Point = readonly [x: number, y: number];
export type Shape = { tone: Tone } & (
  | { kind: 'line' | 'area'; points: Point[] }
  | { kind: 'dot'; at: Point }
  | { kind: 'text'; at: Point; anchor: 'start' | 'middle' | 'end'; text: string }
);
export interface Drawing {
  width: number;
  height: number;
  /** What it shows, for those who do not see it. */
  label: string;
  shapes: Shape[];
}

/**
 * Colours of configurations: grey for the first one, with which all are compared, and those that sources have everywhere else: a student of both
 * teachers, of the CT teacher alone, of the PET teacher alone. All others take the remaining three in turn.
 */
function tonesOf(configurations: readonly StudyConfiguration[]): Tone[] {
  const remaining: Tone[] = ['series4', 'series5', 'series6'];
  const taken = new Set<Tone>();
  let others = 0;
  return configurations.map(({ settings }, configuration) => {
    const own = configuration === 0 ? 'series0' : toneOfTeachers(settings);
    const tone = own !== null && !taken.has(own) ? own : remaining[others++ % remaining.length];
    taken.add(tone);
    return tone;
  });
}

function toneOfTeachers(settings: TrainSettings): Tone | null {
  if (settings.method !== 'muduo') return null;
  const { ct, pet } = settings.muduo.teachers;
  return ct === null ? 'series3' : pet === null ? 'series2' : 'series1';
}

/** `+0.062`, `−0.300`, with a true minus. */
export const signedNumber = (value: number, digits: number): string => {
  const text = Math.abs(value).toFixed(digits);
  return Number(text) === 0 ? text : `${value > 0 ? '+' : '−'}${text}`;
};
/** `−0.009 … −0.0004`: an end that rounds to zero has as many digits as show on which side of it it lies, as the verdict rests on that. */
export const intervalWords = ({ low, high }: { low: number; high: number }, digits: number): string =>
  [low, high].map((end) => signedNumber(end, Math.abs(end) < 0.5 * 10 ** -digits ? digitsToFirst(end, digits) : digits)).join(' … ');
/** Digits up to the first that is not zero; `digits` where there is none within nine. */
const digitsToFirst = (value: number, digits: number): number => {
  const first = Math.ceil(-Math.log10(Math.abs(value)));
  return first <= 9 ? first : digits;
};
const plain = (value: number, digits: number): string => value.toFixed(digits).replace('-', '−');

const width = 560;
const names = 150;
const verdicts = 130;
const rowHeight = 34;

/** One row per configuration with its difference in Dice to the first one; null while nothing can be compared at that budget. */
export function drawDifferences({ study, comparisons }: StudyReport, budget: number): Drawing | null {
  const rows = comparisons.flatMap(({ configuration, budget: of, dice }) => (of === budget && dice ? [{ configuration, dice }] : []));
  if (rows.length === 0) return null;
  const scale = ticksOver([0, ...rows.flatMap(({ dice }) => [dice.low, dice.high])], 4);
  const height = rows.length * rowHeight + 34;
  const x = (value: number) => names + ((value - scale.low) / (scale.high - scale.low)) * (width - names - verdicts);
  const [top, bottom] = [6, height - 26];
  const tones = tonesOf(study.configurations);
  const shapes = rows.flatMap(({ configuration, dice }, row): Shape[] => {
    const y = top + (row + 0.5) * rowHeight;
    const tone = tones[configuration];
    return [
      { kind: 'text', at: [names - 14, y + 4], anchor: 'end', text: shortened(study.configurations[configuration].name, 22), tone: 'text' },
      {
        kind: 'line',
        points: [
          [x(dice.low), y],
          [x(dice.high), y],
        ],
        tone,
      },
      { kind: 'dot', at: [x(dice.mean), y], tone },
      { kind: 'text', at: [width - verdicts + 18, y + 4], anchor: 'start', ...inWords(dice) },
    ];
  });
  const zero: Shape = {
    kind: 'line',
    points: [
      [x(0), top],
      [x(0), bottom],
    ],
    tone: 'axis',
  };
  const ticks = scale.ticks.map(
    (tick): Shape => ({ kind: 'text', at: [x(tick), height - 8], anchor: 'middle', text: signedNumber(tick, scale.digits), tone: 'quiet' }),
  );
  return {
    width,
    height,
    label: `Difference in Dice to ${study.configurations[0].name}, with 95 % intervals`,
    shapes: [zero, ...ticks, ...shapes],
  };
}

const inWords = ({ mean, verdict }: PairedDifference): { text: string; tone: Tone } =>
  verdict === 'cannot tell apart' ? { text: verdict, tone: 'quiet' } : { text: signedNumber(mean, 3), tone: 'text' };

const left = 48;
const right = 130;
const curveHeight = 280;

/** Mean Dice against the number of labels, one curve per configuration with its interval; null for a study of a single budget. */
export function drawBudgets({ study, groups }: StudyReport): Drawing | null {
  const curves = study.configurations
    .map(({ name }, configuration) => ({
      ...{ name, configuration },
      points: groups
        .flatMap((group) => (group.configuration === configuration && group.dice ? [{ budget: group.budget, dice: group.dice }] : []))
        .sort((a, b) => a.budget - b.budget),
    }))
    .filter(({ points }) => points.length > 0);
  const budgets = [...new Set(curves.flatMap(({ points }) => points.map(({ budget }) => budget)))].sort((a, b) => a - b);
  if (budgets.length < 2) return null;
  const scale = ticksOver(
    curves.flatMap(({ points }) => points.flatMap(({ dice }) => [dice.low, dice.high])),
    5,
  );
  // By the logarithm: doubling the labels is one step, wherever it happens.
  const span = Math.log(budgets[budgets.length - 1] / budgets[0]);
  const x = (budget: number) => left + (Math.log(budget / budgets[0]) / span) * (width - left - right);
  const y = (value: number) => 12 + (1 - (value - scale.low) / (scale.high - scale.low)) * (curveHeight - 52);
  const grid = scale.ticks.flatMap((tick): Shape[] => [
    {
      kind: 'line',
      points: [
        [left, y(tick)],
        [width - right, y(tick)],
      ],
      tone: 'axis',
    },
    { kind: 'text', at: [left - 8, y(tick) + 4], anchor: 'end', text: plain(tick, Math.max(1, scale.digits)), tone: 'quiet' },
  ]);
  const along = budgets.map(
    (budget): Shape => ({ kind: 'text', at: [x(budget), curveHeight - 22], anchor: 'middle', text: String(budget), tone: 'quiet' }),
  );
  const title: Shape = {
    kind: 'text',
    at: [(left + width - right) / 2, curveHeight - 4],
    anchor: 'middle',
    text: 'labelled cases',
    tone: 'quiet',
  };
  const at = (points: { budget: number; dice: Estimate }[], end: 'low' | 'mean' | 'high') =>
    points.map(({ budget, dice }): Point => [x(budget), y(dice[end])]);
  const tones = tonesOf(study.configurations);
  const ends = apart(curves.map(({ points }) => y(points[points.length - 1].dice.mean)));
  const shapes = [
    ...curves.map(
      ({ points, configuration }): Shape => ({
        kind: 'area',
        points: [...at(points, 'high'), ...at(points, 'low').reverse()],
        tone: tones[configuration],
      }),
    ),
    ...curves.flatMap(({ points, configuration, name }, curve): Shape[] => {
      const tone = tones[configuration];
      return [
        { kind: 'line', points: at(points, 'mean'), tone },
        ...at(points, 'mean').map((point): Shape => ({ kind: 'dot', at: point, tone })),
        { kind: 'text', at: [width - right + 12, ends[curve] + 4], anchor: 'start', text: shortened(name, 19), tone },
      ];
    }),
  ];
  return {
    width,
    height: curveHeight,
    label: 'Mean Dice against the number of labelled cases',
    shapes: [...grid, ...along, title, ...shapes],
  };
}

const shortened = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);

/** Heights of names, moved down where they would lie on each other. */
function apart(heights: readonly number[], least = 15): number[] {
  const moved = [...heights];
  let before = Number.NEGATIVE_INFINITY;
  for (const [index] of [...heights.entries()].sort(([, a], [, b]) => a - b)) {
    moved[index] = Math.max(heights[index], before + least);
    before = moved[index];
  }
  return moved;
}

/** Round ticks that hold all values between the first and the last. */
function ticksOver(values: readonly number[], wanted: number): { low: number; high: number; ticks: number[]; digits: number } {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const rough = Math.max(high - low, 1e-3) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((round) => round >= rough * (1 - 1e-9))!;
  const [first, last] = [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)];
  const ticks = Array.from({ length: Math.max(1, last - first) + 1 }, (_, at) => (first + at) * step);
  return { low: ticks[0], high: ticks[ticks.length - 1], ticks, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
}
