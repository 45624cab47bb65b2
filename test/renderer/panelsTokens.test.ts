/** The colours people read are far enough from what they stand on, in both themes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const css = readFileSync(join(import.meta.dirname, '../../src/renderer/ui/tokens.css'), 'utf8');

/** Custom properties of the rule that holds `selector`. */
function tokensOf(selector: string): Record<string, string> {
  const start = css.indexOf('{', css.indexOf(selector));
  const body = css.slice(start, css.indexOf('}', start));
  return Object.fromEntries([...body.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((match) => [match[1], match[2]]));
}

/** Relative luminance of `#rrggbb` (WCAG 2.2). */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

describe.each([
  ['dark', '[data-theme="dark"] {'],
  ['light', ':root[data-theme="light"]'],
])('the %s theme', (_, selector) => {
  const tokens = tokensOf(selector);

  test.each(['text', 'text-2', 'text-3', 'accent', 'good', 'caution', 'bad', 'above', 'below'])(
    '%s reaches 4.5:1 on every surface',
    (ink) => {
      const weak = ['background', 'surface-1', 'surface-2', 'surface-3']
        .map((surface) => ({ surface, ratio: contrast(tokens[ink], tokens[surface]) }))
        .filter(({ ratio }) => !(ratio >= 4.5));
      expect(weak).toEqual([]);
    },
  );

  test.each(['good', 'caution', 'bad'])('%s reaches 4.5:1 on its own tinted surface', (tone) => {
    expect(contrast(tokens[tone], tokens[`${tone}-surface`])).toBeGreaterThanOrEqual(4.5);
  });

  test('the label of a filled button reaches 4.5:1', () => {
    expect(contrast(tokens['on-accent'], tokens.accent)).toBeGreaterThanOrEqual(4.5);
  });
});

test('black on white has the contrast the standard gives it', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
});
