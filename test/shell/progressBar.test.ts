/** The bar of a command: never backwards, with the time left over all stages. */
import { describe, expect, test } from 'vitest';
import { inWords, progressBar } from '../../src/main/shell/launch/progressBar.mjs';

const stages = [
  { name: 'build', title: 'Building', seconds: 20 },
  { name: 'train', title: 'Training', seconds: 80 },
];

/** A bar on a screen that remembers, under a clock that the test moves. */
function bar({ isTTY = false, startedAt = 0 } = {}) {
  const clock = { ms: 0 };
  const lines: string[] = [];
  const screen = { isTTY, columns: 200, write: (text: string) => lines.push(text) };
  return { clock, lines, bar: progressBar(stages, { screen, startedAt, now: () => clock.ms }) };
}
const percents = (lines: string[]) => lines.map((line) => Number(/(\d+) %/.exec(line)?.[1]));

test('before anything is known the time left is what the stages are expected to take', () => {
  const { bar: b, lines } = bar();
  b.begin('build');
  b.close();
  expect(lines).toEqual(['  0 %  Building · 2 min left\n']);
});

test('a stage that says how far it is corrects the time left', () => {
  const { bar: b, lines, clock } = bar();
  b.begin('train');
  clock.ms = 10_000;
  b.update({ fraction: 0.5 });
  b.close();
  expect(lines.at(-1)).toBe(' 50 %  Training · 10 s left\n');
});

test('a stage that knows its time left is believed', () => {
  const { bar: b, lines, clock } = bar();
  b.begin('train');
  clock.ms = 10_000;
  b.update({ fraction: 0.1, secondsLeft: 30, message: 'step 1 of 10' });
  b.close();
  expect(lines.at(-1)).toBe(' 25 %  Training: step 1 of 10 · 30 s left\n');
});

test('a stage that takes longer than expected and does not say how far it is promises nothing', () => {
  const { bar: b, lines, clock } = bar();
  b.begin('train');
  clock.ms = 79_000;
  b.update({ message: 'step 3' });
  clock.ms = 90_000;
  b.update({ message: 'step 4' });
  b.close();
  expect(lines.slice(-2).map((line) => line.slice(7))).toEqual(['Training: step 3 · a few seconds left\n', 'Training: step 4\n']);
});

test('it waits instead of running backwards', () => {
  const { bar: b, lines, clock } = bar({ isTTY: true });
  b.begin('train');
  for (const [ms, left] of [
    [10_000, 10],
    [11_000, 500],
    [12_000, 5],
  ] as const) {
    clock.ms = ms;
    b.update({ secondsLeft: left });
  }
  b.close();
  const shown = percents(lines.slice(0, -1));
  expect(shown).toEqual(shown.toSorted((a, c) => a - c));
});

test('a single stage shows what it says of itself, whatever was expected of it', () => {
  const lines: string[] = [];
  const b = progressBar([{ name: 'train', title: 'Training', seconds: 10 }], {
    screen: { write: (text) => lines.push(text) },
    now: () => 0,
  });
  b.begin('train');
  b.update({ fraction: 0.005, secondsLeft: 3_600 });
  b.close();
  expect(lines).toEqual(['  0 %  Training · 10 s left\n']);
  expect(percents(lines)).toEqual([0]);
});

test('where nobody knows how long it will take, no time is promised until it says', () => {
  const lines: string[] = [];
  const clock = { ms: 0 };
  const b = progressBar([{ name: 'study', title: 'Study', seconds: 0 }], {
    screen: { write: (text) => lines.push(text) },
    now: () => clock.ms,
  });
  b.begin('study');
  for (const [ms, secondsLeft] of [
    [6_000, null],
    [12_000, 7_200],
  ] as const) {
    clock.ms = ms;
    b.update({ fraction: 0.001, secondsLeft });
  }
  b.close();
  expect(lines).toEqual(['  0 %  Study\n', '  0 %  Study\n', '  0 %  Study · 2 h 0 min left\n']);
});

test('time spent in an earlier process counts', () => {
  const { bar: b, lines, clock } = bar({ startedAt: -100_000 });
  clock.ms = 0;
  b.begin('train');
  b.update({ secondsLeft: 100 });
  b.close();
  expect(percents(lines).at(-1)).toBeGreaterThanOrEqual(50);
});

describe('outside a terminal', () => {
  test('a line appears every few seconds, not at every step', () => {
    const { bar: b, lines, clock } = bar();
    b.begin('train');
    for (let step = 1; step <= 100; step++) {
      clock.ms = step * 100;
      b.update({ fraction: step / 200 });
    }
    b.close();
    expect(lines).toHaveLength(3);
    expect(lines.every((line) => !line.includes('\r') && line.endsWith('\n'))).toBe(true);
  });
});

test('a stage nobody announced is a mistake', () => {
  const { bar: b } = bar();
  expect(() => b.begin('lunch')).toThrow('there is no stage lunch');
  b.close();
});

test.each([
  [3, 'a few seconds'],
  [42, '45 s'],
  [89, '90 s'],
  [150, '3 min'],
  [3_600 * 2 + 60 * 5, '2 h 5 min'],
])('%d seconds are %s', (seconds, words) => {
  expect(inWords(seconds)).toBe(words);
});
