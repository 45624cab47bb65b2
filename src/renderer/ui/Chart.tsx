/** A line chart over steps: uPlot in the colours of the theme, with names beside the lines' colours. */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import './chart.css';
import { useEffect, useMemo, useRef } from 'react';
import { usePreferences } from '../preferences';
import { short, whole } from './numbers';

export interface Line {
  label: string;
  /** Custom property that holds the colour, for example `--accent`. */
  token: string;
  /** Dash and gap; empty for solid. */
  dash?: number[];
  width?: number;
  /** One per x; null where the line has no point. */
  values: (number | null)[];
}

interface ChartProps {
  label: string;
  x: number[];
  lines: Line[];
  /** Right end of the x axis, so that a run shows how far it still is. */
  xMax: number;
  /** Fixed ends of the y axis; free where null. */
  yRange?: readonly [number | null, number | null];
}

export function Chart({ label, x, lines, xMax, yRange = [null, null] }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const { theme, scale } = usePreferences();
  const [low, high] = yRange;
  // The plot is made anew when its look changes, and only fed when its numbers do.
  const look = JSON.stringify([
    lines.map(({ label: name, token, dash, width }) => [name, token, dash, width]),
    theme,
    scale,
    low,
    high,
    xMax,
  ]);
  const data = useMemo(() => [x, ...lines.map(({ values }) => values)] as uPlot.AlignedData, [x, lines]);
  const latest = useRef(data);
  latest.current = data;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `look` stands for everything the options are made of
  useEffect(() => {
    const element = place.current!;
    const size = () => ({ width: Math.max(80, element.clientWidth), height: Math.max(60, element.clientHeight) });
    plot.current = new uPlot({ ...optionsOf(lines, xMax, [low, high], element), ...size() }, latest.current, element);
    const resized = new ResizeObserver(() => plot.current?.setSize(size()));
    resized.observe(element);
    return () => {
      resized.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [look]);
  useEffect(() => plot.current?.setData(data), [data]);

  return (
    <figure className="chart" aria-label={label}>
      <div ref={place} className="chart-plot" role="img" aria-label={sentenceOf(label, lines)} />
      <figcaption>
        {lines.map(({ label: name, token, dash, values }) => (
          <span key={name} className="row">
            <span className="line-key" style={{ borderTop: `2px ${dash?.length ? 'dashed' : 'solid'} var(${token})` }} />
            {name}
            <strong>{lastValue(values)}</strong>
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

const lastValue = (values: readonly (number | null)[]) => {
  const last = values.findLast((value) => value !== null);
  return last === undefined || last === null ? '' : short(last);
};

const sentenceOf = (label: string, lines: readonly Line[]) =>
  `${label}. ${lines.map(({ label: name, values }) => `${name}: ${lastValue(values) || 'no values yet'}`).join('; ')}.`;

function optionsOf(
  lines: readonly Line[],
  xMax: number,
  [low, high]: readonly [number | null, number | null],
  element: HTMLElement,
): Omit<uPlot.Options, 'width' | 'height'> {
  const style = getComputedStyle(element);
  const colour = (token: string) => style.getPropertyValue(token).trim();
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const axis = {
    stroke: colour('--text-3'),
    font: `${0.6875 * rem}px ${colour('--font')}`,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    gap: 0.375 * rem,
  };
  return {
    legend: { show: false },
    padding: [0.5 * rem, 1.25 * rem, 0, 0],
    cursor: { y: false, points: { size: 6 } },
    scales: {
      x: { time: false, range: [0, Math.max(1, xMax)] },
      y: { range: (_, min, max) => [low ?? Math.min(0, min), high ?? Math.max(max * 1.05, (low ?? 0) + 0.1)] },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 1.75 * rem, space: 4.5 * rem, values: (_, splits) => splits.map(whole) },
      { ...axis, size: 2.75 * rem, space: 2.5 * rem, values: (_, splits) => splits.map(short) },
    ],
    series: [
      {},
      ...lines.map(({ label, token, dash, width = 1.5, values }) => ({
        label,
        stroke: colour(token),
        dash,
        width,
        spanGaps: true,
        points: { show: values.length < 40, size: 4, fill: colour(token) },
      })),
    ],
  };
}
