/** Windows, colour tables and fusion. */
import { describe, expect, test } from 'vitest';
import { paint, paintFused, table } from '../../../src/renderer/viewer/colours';
import { ctPresets, dragWindow, openingWindow, presetsFor, windowText } from '../../../src/renderer/viewer/windows';
import type { Statistics } from '../../../src/shared/domain';

const pixels = (count: number) => new Uint8ClampedArray(4 * count);
const soft = { low: -160, high: 240 };

describe('painting', () => {
  test('black at the window’s foot, white at its head, clamped beyond, and opaque', () => {
    const out = pixels(5);
    paint(out, { values: Float32Array.from([-1000, -160, 41, 240, 3000]), window: soft, map: 'grey' });
    expect([...out].filter((_, at) => at % 4 === 0)).toEqual([0, 0, 128, 255, 255]);
    expect([...out].filter((_, at) => at % 4 === 3)).toEqual([255, 255, 255, 255, 255]);
  });
  test('a value that is not a number is painted as the darkest', () => {
    const out = pixels(1);
    paint(out, { values: Float32Array.from([Number.NaN]), window: soft, map: 'grey' });
    expect([...out]).toEqual([0, 0, 0, 255]);
  });
  test('inverse grey is grey backwards, and hot never gets darker', () => {
    const [grey, inverse, hot] = [table('grey'), table('inverse'), table('hot')];
    expect(inverse).toEqual(Uint8Array.from(grey, (value) => 255 - value));
    const brightness = Array.from({ length: 256 }, (_, level) => hot[3 * level] + hot[3 * level + 1] + hot[3 * level + 2]);
    expect(brightness.every((value, level) => level === 0 || value >= brightness[level - 1])).toBe(true);
  });
});

describe('fusion', () => {
  const base = { values: Float32Array.from([40, 40]), window: soft, map: 'grey' } as const;
  const over = { values: Float32Array.from([0, 10]), window: { low: 0, high: 10 }, map: 'hot' } as const;
  const fused = (fusion: number) => {
    const out = pixels(2);
    paintFused(out, base, over, fusion);
    return [...out];
  };
  test('at its two ends shows one layer alone', () => {
    const [below, above] = [pixels(2), pixels(2)];
    paint(below, base);
    paint(above, over);
    expect(fused(0)).toEqual([...below]);
    expect(fused(1)).toEqual([...above]);
  });
  test('leaves the image clear where there is no uptake', () => {
    expect(
      fused(0.3)
        .slice(0, 3)
        .every((value) => value > 110),
    ).toBe(true);
  });
});

describe('windows', () => {
  const statistics: Statistics = { min: 0, max: 900, mean: 100, std: 50, p005: 2, p05: 10, p50: 90, p95: 300, p995: 500 };

  test('CT opens in soft tissue, PET at 0–7 alone and 0–10 over CT, others at their own percentiles', () => {
    expect(openingWindow({ unit: 'HU', statistics }, false)).toEqual(soft);
    expect(openingWindow({ unit: 'SUV', statistics }, false)).toEqual({ low: 0, high: 7 });
    expect(openingWindow({ unit: 'SUV', statistics }, true)).toEqual({ low: 0, high: 10 });
    expect(openingWindow({ unit: 'a.u.', statistics }, false)).toEqual({ low: 2, high: 500 });
  });
  test('a flat image still gets a window of some width', () => {
    const flat = { ...statistics, min: 5, max: 5, p005: 5, p995: 5 };
    const { low, high } = openingWindow({ unit: 'a.u.', statistics: flat }, false);
    expect(high).toBeGreaterThan(low);
  });
  test('are written as width and centre for HU and as a range otherwise', () => {
    expect(windowText(ctPresets[1].window, 'HU')).toBe('1500 / −600');
    expect(windowText({ low: 0, high: 7 }, 'SUV')).toBe('0 – 7');
  });
  test('offer five presets for the five keys where the unit has any meaning', () => {
    expect(presetsFor({ unit: 'HU', statistics }).length).toBeGreaterThanOrEqual(5);
    expect(presetsFor({ unit: 'SUV', statistics })).toHaveLength(5);
  });
  test('widen by dragging right and darken by dragging down, never to nothing', () => {
    const wider = dragWindow(soft, 50, 0, 3000);
    expect(wider.high - wider.low).toBeGreaterThan(400);
    expect((wider.high + wider.low) / 2).toBeCloseTo(40, 9);
    const darker = dragWindow(soft, 0, 30, 3000);
    expect((darker.high + darker.low) / 2).toBeGreaterThan(40);
    const narrow = dragWindow(soft, -1e6, 0, 3000);
    expect(narrow.high).toBeGreaterThan(narrow.low);
  });
});
