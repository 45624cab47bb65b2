/** What lies over a slice on its canvas: fills and outlines of masks, and the crosshair. */
import type { CaseVoxels } from './caseVoxels';
import type { Plane } from './planes';
import type { RoomState } from './roomState';
import { onScreen } from './sliceOutlines';
import { lineStyles, type MaskSource } from './sources';
import { type Placement, toScreen } from './viewGeometry';

export interface Ink {
  /** Line colours by kind of source, read from the page's custom properties. */
  readonly lines: Record<MaskSource['kind'], string>;
  readonly crosshair: string;
  /** Interface scale: lines grow with the text around them. */
  readonly unit: number;
}

/** Reads the page's colours and scale; they change only with the theme and the window. */
/** CSS pixels per unscaled pixel: one rem is 16 of those. */
export const interfaceScale = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1;

export function inkOf(element: Element): Ink {
  const style = getComputedStyle(element);
  const read = (token: string) => style.getPropertyValue(token).trim() || '#ffffff';
  const lines = Object.entries(lineStyles).map(([kind, { token }]) => [kind, read(token)]);
  return { lines: Object.fromEntries(lines) as Ink['lines'], crosshair: read('--accent'), unit: interfaceScale() };
}

/** Width of outlines in unscaled pixels, and of the dark line under them that keeps them readable on white. */
const lineWidth = 1.6;
const haloWidth = 3.4;

/** Masks of a view. In fill drawing the first source is filled in the structures' colours; further ones stay outlines. */
export function drawMasks(
  context: CanvasRenderingContext2D,
  ink: Ink,
  state: RoomState,
  voxels: CaseVoxels,
  sources: readonly MaskSource[],
  plane: Plane,
  slice: number,
  placement: Placement,
): void {
  if (!state.showLabels) return;
  context.save();
  context.lineJoin = 'round';
  sources.forEach((source, rank) => {
    const found = voxels.outlines(source.id, plane, slice);
    if (!found) return;
    const shown = [...found].filter(([structure]) => !state.hidden.has(structure));
    const placed = shown.map(([structure, path]) => [structure, onScreen(path, placement)] as const);
    if (state.drawing === 'fill' && rank === 0) fill(context, state, placed);
    outline(context, ink, source.kind, state.opacity, placed);
  });
  context.restore();
}

function fill(context: CanvasRenderingContext2D, state: RoomState, placed: readonly (readonly [number, Path2D])[]): void {
  for (const [structure, path] of placed) {
    context.globalAlpha = 0.55 * state.opacity;
    context.fillStyle = state.structures.find(({ index }) => index === structure)?.colour ?? '#9aa5b6';
    context.fill(path, 'evenodd');
  }
}

function outline(
  context: CanvasRenderingContext2D,
  { lines, unit }: Ink,
  kind: MaskSource['kind'],
  opacity: number,
  placed: readonly (readonly [number, Path2D])[],
): void {
  const { dash } = lineStyles[kind];
  const all = new Path2D();
  for (const [, path] of placed) all.addPath(path);
  const isDotted = dash.length > 0 && dash[0] < 1;
  context.lineCap = isDotted ? 'round' : 'butt';
  context.setLineDash(dash.map((length) => length * unit));
  context.globalAlpha = 0.5 * opacity;
  context.strokeStyle = '#000000';
  context.lineWidth = haloWidth * unit;
  context.stroke(all);
  context.globalAlpha = opacity;
  context.strokeStyle = lines[kind];
  context.lineWidth = lineWidth * unit * (isDotted ? 1.3 : 1);
  context.stroke(all);
  context.setLineDash([]);
}

/** Two thin lines with a gap in the middle, so that what is pointed at stays visible. */
export function drawCrosshair(
  context: CanvasRenderingContext2D,
  ink: Ink,
  placement: Placement,
  [u, v]: readonly [number, number],
  [width, height]: readonly [number, number],
): void {
  const [x, y] = toScreen(placement, u, v).map((each) => Math.round(each) + 0.5);
  const gap = 9 * ink.unit;
  context.save();
  context.globalAlpha = 0.45;
  context.strokeStyle = ink.crosshair;
  context.lineWidth = Math.max(1, Math.round(ink.unit));
  context.beginPath();
  context.moveTo(x, 0);
  context.lineTo(x, y - gap);
  context.moveTo(x, y + gap);
  context.lineTo(x, height);
  context.moveTo(0, y);
  context.lineTo(x - gap, y);
  context.moveTo(x + gap, y);
  context.lineTo(width, y);
  context.stroke();
  context.restore();
}
