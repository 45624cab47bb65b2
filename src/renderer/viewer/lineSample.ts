/** A short piece of a source's line, for captions and legends. */
import { lineStyles, type MaskSource } from './sources';

const svg = 'http://www.w3.org/2000/svg';

export function lineSample(kind: MaskSource['kind']): SVGSVGElement {
  const { token, dash, words } = lineStyles[kind];
  const picture = document.createElementNS(svg, 'svg');
  picture.setAttribute('viewBox', '0 0 20 6');
  picture.setAttribute('class', 'line-sample');
  picture.setAttribute('role', 'img');
  picture.setAttribute('aria-label', words);
  const line = document.createElementNS(svg, 'line');
  for (const [name, value] of Object.entries({ x1: 1, x2: 19, y1: 3, y2: 3 })) line.setAttribute(name, String(value));
  line.style.stroke = `var(${token})`;
  if (dash.length > 0) line.style.strokeDasharray = dash.join(' ');
  if (dash.length > 0 && dash[0] < 1) line.style.strokeLinecap = 'round';
  picture.append(line);
  return picture;
}
