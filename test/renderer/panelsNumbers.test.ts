/** Numbers on the screen read as people in the field write them. */
import { describe, expect, test } from 'vitest';
import {
  bytes,
  counted,
  decimals,
  dice,
  duration,
  millilitres,
  moment,
  parameterCount,
  positionMm,
  short,
  signed,
  signedMillilitres,
  timeLeft,
  whole,
} from '../../src/renderer/ui/numbers';
import { readable } from '../../src/renderer/ui/words';

const thin = '\u202f';

describe('figures', () => {
  test('carry a true minus sign, and none when they round to zero', () => {
    expect([decimals(-1.26, 1), decimals(-0.04, 1), decimals(0.96, 1)]).toEqual(['−1.3', '0.0', '1.0']);
  });

  test('that do not exist are a dash, without a unit', () => {
    expect([decimals(null, 2), dice(undefined), dice(Number.NaN), millilitres(null)]).toEqual(['–', '–', '–', '–']);
  });

  test('of differences show their direction', () => {
    expect([signedMillilitres(14.23), signedMillilitres(-3.08), signedMillilitres(0.02), signed(-0.004, 2)]).toEqual([
      '+14.2 mL',
      '−3.1 mL',
      '0.0 mL',
      '0.00',
    ]);
  });

  test('in thousands are set apart by thin spaces', () => {
    expect([whole(999), whole(1480), whole(-1234567)]).toEqual(['999', `1${thin}480`, `−1${thin}234${thin}567`]);
  });

  test('of any size keep three digits', () => {
    expect([short(0), short(0.034567), short(46.25), short(-987.6), short(12345), short(0.00003)]).toEqual([
      '0',
      '0.0346',
      '46.3',
      '−988',
      `12${thin}345`,
      '3.0e−5',
    ]);
  });
});

describe('times', () => {
  test.each([
    [0.3, 'under 1 s'],
    [8.4, '8 s'],
    [75, '1 min 15 s'],
    [599, '9 min 59 s'],
    [640, '11 min'],
    [3599, '1 h'],
    [4800, '1 h 20 min'],
    [187_200, '2 d 4 h'],
    [Number.POSITIVE_INFINITY, '–'],
  ])('%d seconds are %s', (seconds, words) => expect(duration(seconds)).toBe(words));

  test('left are coarse, and admit when nobody knows', () => {
    expect([timeLeft(null), timeLeft(0.2), timeLeft(42.1), timeLeft(390)]).toEqual([
      'estimating time left',
      '1 s left',
      '43 s left',
      '7 min left',
    ]);
  });

  test('of today need no date', () => {
    const now = new Date(2026, 2, 12, 20, 0);
    const at = (...parts: [number, number, number, number, number]) => new Date(...parts).toISOString();
    expect([moment(at(2026, 2, 12, 8, 4), now), moment(at(2026, 0, 3, 18, 30), now), moment(at(2025, 11, 31, 0, 0), now)]).toEqual([
      '08:04',
      '3 Jan 18:30',
      '31 Dec 2025 00:00',
    ]);
  });
});

test('bytes climb in steps of a thousand', () => {
  expect([bytes(512), bytes(2_110_000_000), bytes(999_600), bytes(412_000_000)]).toEqual(['512 B', '2.1 GB', '1.0 MB', '412 MB']);
});

test('parameters of a network are rounded to what matters', () => {
  expect([parameterCount(640), parameterCount(23_400), parameterCount(1_480_000)]).toEqual(['640', '23 k', '1.5 M']);
});

test('one is singular', () => {
  expect([counted(1, 'case'), counted(0, 'case'), counted(2, 'study', 'studies')]).toEqual(['1 case', '0 cases', '2 studies']);
});

test('a position names the side of the body instead of a sign', () => {
  expect(positionMm([42.5, -18, 131])).toBe('R 42.5  P 18.0  S 131.0 mm');
  expect(positionMm([-0.04, 3, -2])).toBe('R 0.0  A 3.0  I 2.0 mm');
});

test('names of data sets read as words, and names written with care stay as they are', () => {
  expect(['kidney_right', 'liver', 'FDG lesion', 'T2_star'].map(readable)).toEqual(['Kidney right', 'Liver', 'FDG lesion', 'T2 star']);
});
