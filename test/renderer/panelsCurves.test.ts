/** Curves are thinned without changing what they say. */
import { expect, test } from 'vitest';
import { alignCurves, lossTerms, reduceCurve } from '../../src/renderer/panels/runs/reduceCurve';

const steps = (count: number, value: (step: number) => number) =>
  Array.from({ length: count }, (_, at) => ({ step: at + 1, value: value(at + 1) }));

test('a short curve is drawn as it came', () => {
  const curve = steps(199, (step) => step);
  expect(reduceCurve(curve)).toEqual({ points: curve, over: 1 });
});

test('a point of a reduced curve is the mean of its twenty steps and stands at the last of them', () => {
  const { points, over } = reduceCurve(steps(200, (step) => step));
  expect(over).toBe(20);
  expect(points.slice(0, 2)).toEqual([
    { step: 20, value: 10.5 },
    { step: 40, value: 30.5 },
  ]);
  expect(points).toHaveLength(10);
});

test('an unfinished stretch counts what it has', () => {
  expect(reduceCurve(steps(205, () => 2)).points.at(-1)).toEqual({ step: 205, value: 2 });
});

test('a very long run is reduced further, to round stretches, and keeps its mean', () => {
  const curve = steps(40_000, (step) => Math.sin(step) + 3);
  const { points, over } = reduceCurve(curve);
  expect(over).toBe(100);
  expect(points).toHaveLength(400);
  const mean = (values: { value: number }[]) => values.reduce((sum, { value }) => sum + value, 0) / values.length;
  expect(mean(points)).toBeCloseTo(mean(curve), 10);
});

test('values that are no numbers are left out', () => {
  expect(
    reduceCurve([
      { step: 1, value: Number.NaN },
      { step: 2, value: 1 },
    ]).points,
  ).toEqual([{ step: 2, value: 1 }]);
});

test('curves with different steps share one axis, with gaps where one has no point', () => {
  const first = [
    { step: 10, value: 1 },
    { step: 30, value: 3 },
  ];
  expect(alignCurves([first, [{ step: 20, value: 2 }]])).toEqual({
    x: [10, 20, 30],
    rows: [
      [1, null, 3],
      [null, 2, null],
    ],
  });
});

test('the loss shows its total first and every term a method reports, but nothing that is no loss', () => {
  const point = [{ step: 1, value: 1 }];
  const curves = { diceLoss: point, 'cross-entropy': point, empty: [], loss: point, rate: point, validation: point, 'validation/3': point, agreement: point, 'generator/loss': point, 'generator/diceLoss': point }; // biome-ignore format: a list
  expect(lossTerms(curves)).toEqual([
    { key: 'loss', label: 'total' },
    { key: 'cross-entropy', label: 'cross entropy' },
    { key: 'diceLoss', label: 'dice loss' },
  ]);
  expect(lossTerms(curves, 'generator/')).toEqual([
    { key: 'generator/loss', label: 'total' },
    { key: 'generator/diceLoss', label: 'dice loss' },
  ]);
});
