/** Prompts over a slice: the teacher's mask hatched, points as filled and hollow marks, the box dashed. Never told apart by colour alone. */
import { toIndex } from '../../../shared/geometry';
import type { Plane, PlaneAxes } from '../planes';
import type { RoomState } from '../roomState';
import { onScreen } from '../sliceOutlines';
import { type Placement, toScreen } from '../viewGeometry';
import { outlineOfMask } from './previewMask';
import { type PromptBox, type PromptState, promptsOf } from './promptState';

/** Dash, gap, dot, gap in unscaled pixels: no source of masks has such a line. */
const dashDot = [7, 3, 1.5, 3];
const boxDash = [5, 4];
const hatchEvery = 6;
const markRadius = 6.5;
/** Points this many slices away are hinted at. */
const nearSlices = 3;

/** Everything the drawing depends on. */
export const promptLook = (prompting: PromptState): unknown => [
  prompting.steps[prompting.at].number,
  prompting.draft,
  prompting.shown?.id,
  prompting.structure,
];

interface View {
  readonly plane: Plane;
  readonly axes: PlaneAxes;
  readonly slice: number;
  readonly placement: Placement;
  /** Interface scale. */
  readonly unit: number;
}

export function drawPrompts(context: CanvasRenderingContext2D, state: RoomState, view: View): void {
  const { prompting } = state;
  context.save();
  if (prompting.shown && state.showLabels) drawMask(context, state, view);
  const { points, box } = promptsOf(prompting);
  for (const each of [box, prompting.draft?.box ?? null]) if (each) drawBox(context, state, view, each);
  for (const { mm, positive } of points) {
    const { x, y, away } = placeOf(state, view, mm);
    if (away < 0.5) drawMark(context, x, y, positive, view.unit);
    else if (away < nearSlices + 0.5) drawHint(context, x, y, view.unit);
  }
  context.restore();
}

function placeOf({ subject }: RoomState, { axes, slice, placement }: View, mm: PromptBox['from']) {
  const index = toIndex(subject.grid, mm);
  const [x, y] = toScreen(placement, index[axes.across], index[axes.up]);
  return { x, y, away: Math.abs(index[axes.through] - slice) };
}

function drawMask(
  context: CanvasRenderingContext2D,
  { prompting, structures, opacity }: RoomState,
  { plane, axes, slice, placement, unit }: View,
) {
  const { shown, structure } = prompting;
  const outline = shown && outlineOfMask(shown, plane, slice);
  if (!shown || !outline) return;
  const colour = structures.find(({ index }) => index === structure)?.colour ?? '#9aa5b6';
  const path = onScreen(outline, placement);
  const { origin, size } = shown.box;
  const corners = [0, 1].map((end) =>
    toScreen(placement, origin[axes.across] + end * size[axes.across] - 0.5, origin[axes.up] + end * size[axes.up] - 0.5),
  );
  const [left, right] = corners.map(([x]) => x).sort((a, b) => a - b);
  const [top, bottom] = corners.map(([, y]) => y).sort((a, b) => a - b);
  context.save();
  context.clip(path, 'evenodd');
  context.globalAlpha = 0.8 * opacity;
  context.strokeStyle = colour;
  context.lineWidth = 1.2 * unit;
  context.beginPath();
  const every = hatchEvery * unit;
  // Lines start on a lattice of the view, so that they stand still while the mask grows.
  for (let from = Math.floor((left - (bottom - top)) / every) * every; from < right; from += every) {
    context.moveTo(from + (top % every), top);
    context.lineTo(from + (top % every) + (bottom - top), bottom);
  }
  context.stroke();
  context.restore();
  context.lineJoin = 'round';
  context.setLineDash([]);
  strokeTwice(
    context,
    path,
    colour,
    2 * unit,
    dashDot.map((length) => length * unit),
    opacity,
  );
}

/** A light line on a dark, wider one, so that it can be read on black and on white. */
function strokeTwice(context: CanvasRenderingContext2D, path: Path2D, colour: string, width: number, dash: number[], opacity = 1) {
  context.setLineDash([]);
  context.globalAlpha = 0.5 * opacity;
  context.strokeStyle = '#000000';
  context.lineWidth = 1.8 * width;
  context.stroke(path);
  context.setLineDash(dash);
  context.globalAlpha = opacity;
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke(path);
  context.setLineDash([]);
}

function drawBox(context: CanvasRenderingContext2D, state: RoomState, view: View, { from, to }: PromptBox) {
  const [a, b] = [from, to].map((mm) => placeOf(state, view, mm));
  if (a.away >= 0.5 || b.away >= 0.5) return;
  const path = new Path2D();
  path.rect(Math.min(a.x, b.x), Math.min(a.y, b.y), Math.abs(a.x - b.x), Math.abs(a.y - b.y));
  strokeTwice(
    context,
    path,
    '#ffffff',
    1.5 * view.unit,
    boxDash.map((length) => length * view.unit),
  );
}

/** Positive: a filled disc with a plus. Negative: a ring with a minus. */
function drawMark(context: CanvasRenderingContext2D, x: number, y: number, isPositive: boolean, unit: number) {
  const radius = markRadius * unit;
  const disc = new Path2D();
  disc.arc(x, y, radius, 0, 2 * Math.PI);
  context.globalAlpha = isPositive ? 1 : 0.6;
  context.fillStyle = isPositive ? '#ffffff' : '#000000';
  context.fill(disc);
  strokeTwice(context, disc, '#ffffff', 1.5 * unit, []);
  const sign = new Path2D();
  sign.moveTo(x - 0.55 * radius, y);
  sign.lineTo(x + 0.55 * radius, y);
  if (isPositive) {
    sign.moveTo(x, y - 0.55 * radius);
    sign.lineTo(x, y + 0.55 * radius);
  }
  context.globalAlpha = 1;
  context.strokeStyle = isPositive ? '#000000' : '#ffffff';
  context.lineWidth = 2 * unit;
  context.stroke(sign);
}

function drawHint(context: CanvasRenderingContext2D, x: number, y: number, unit: number) {
  const ring = new Path2D();
  ring.arc(x, y, 0.5 * markRadius * unit, 0, 2 * Math.PI);
  strokeTwice(context, ring, '#ffffff', unit, [], 0.5);
}
