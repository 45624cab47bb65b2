/** Pointer and wheel on a slice view: what 3D Slicer, ITK-SNAP and OHIF users expect, turned into changes of the room. */

import { toMm } from '../../shared/geometry';
import type { Prompting } from './prompting/prompting';
import type { PromptBox } from './prompting/promptState';
import { activeChannel, cameraOf, type Room, setCamera, setCrosshair, setSlice, setWindow, withAxis } from './roomState';
import type { SliceGeometry, SliceTile } from './SliceScene';
import { type Camera, nearestVoxel, panBy, toPlane, voxelAt, zoomAbout } from './viewGeometry';
import { dragWindow } from './windows';

export interface InputContext {
  room: Room;
  prompting: Prompting;
  view(): SliceTile;
  geometry(): SliceGeometry;
  onPointer(at: { x: number; y: number } | null): void;
  onFocus(): void;
}

type Drag = 'crosshair' | 'window' | 'pan' | 'zoom' | 'box' | 'point';

/** A box with a shorter side, in CSS pixels, was a click. */
const leastBox = 4;

/** Slices for one wheel event: a notch is one slice; the small steps of a trackpad add up. */
export function wheelSteps(event: Pick<WheelEvent, 'deltaY' | 'deltaMode'>, carried: number): { steps: number; carried: number } {
  if (event.deltaMode !== 0) return { steps: -Math.sign(event.deltaY), carried: 0 };
  if (Math.abs(event.deltaY) >= 50)
    return { steps: -Math.sign(event.deltaY) * Math.max(1, Math.round(Math.abs(event.deltaY) / 120)), carried: 0 };
  const sum = carried + event.deltaY;
  const steps = Math.trunc(sum / 40);
  return { steps: steps === 0 ? 0 : -steps, carried: sum - steps * 40 };
}

export function listenToInput(host: HTMLElement, { room, prompting, view, geometry, onPointer, onFocus }: InputContext) {
  let drag: { kind: Drag; x: number; y: number; fromX: number; fromY: number } | null = null;
  let isSpaceHeld = false;
  let isInside = false;
  let carried = 0;
  const stop = new AbortController();
  const on = <K extends keyof HTMLElementEventMap>(name: K, hear: (event: HTMLElementEventMap[K]) => void, passive = true) =>
    host.addEventListener(name, hear, { signal: stop.signal, passive });

  const at = (event: MouseEvent) => {
    const box = host.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const camera = () => cameraOf(room.get(), view().id, view().plane);
  const look = (next: Camera) => setCamera(room, view().id, view().plane, next);
  const pointAt = ({ x, y }: { x: number; y: number }) => {
    const { frame, placement, axes, slice } = geometry();
    const [u, v] = nearestVoxel(frame, placement, x, y);
    setCrosshair(room, withAxis(withAxis(withAxis(room.get().crosshair, axes.through, slice), axes.across, u), axes.up, v));
  };

  /** The slice on the screen, and a place on it; beside the image, the nearest place of it. */
  const promptAt = ({ x, y }: { x: number; y: number }) => {
    const { frame, placement, axes, slice } = geometry();
    const [u, v] = toPlane(placement, x, y);
    const within = (value: number, count: number) => Math.min(count - 0.5, Math.max(-0.5, value));
    const through = withAxis(room.get().crosshair, axes.through, slice);
    const index = withAxis(withAxis(through, axes.across, within(u, frame.width)), axes.up, within(v, frame.height));
    return { mm: toMm(room.get().subject.grid, index), plane: { axis: axes.through, index: slice } };
  };
  const addPoint = (point: { x: number; y: number }, isInverted: boolean) => {
    const { frame, placement } = geometry();
    if (!voxelAt(frame, placement, point.x, point.y)) return;
    const { isPositive } = room.get().prompting;
    prompting.tell({ is: 'point', ...promptAt(point), isPositive: isPositive !== isInverted });
    // The other views go where the point is.
    pointAt(point);
  };
  const boxFrom = (
    from: { x: number; y: number },
    to: { x: number; y: number },
  ): { box: PromptBox; plane: ReturnType<typeof promptAt>['plane'] } => {
    const [start, end] = [promptAt(from), promptAt(to)];
    return { box: { from: start.mm, to: end.mm }, plane: start.plane };
  };

  const kindOf = (event: PointerEvent): Drag | null => {
    if (event.button === 1 || (event.button === 0 && isSpaceHeld)) return 'pan';
    if (event.button === 2) return 'zoom';
    if (event.button !== 0) return null;
    const { tool, prompting } = room.get();
    if (prompting.mode !== 'off') return prompting.mode;
    return tool === 'window' ? 'window' : 'crosshair';
  };

  on(
    'pointerdown',
    (event) => {
      const kind = kindOf(event);
      if (!kind) return;
      if (event.button === 1) event.preventDefault();
      const point = at(event);
      drag = { kind, ...point, fromX: point.x, fromY: point.y };
      host.setPointerCapture(event.pointerId);
      host.dataset.drag = kind;
      if (kind === 'crosshair') pointAt(point);
      if (kind === 'point') addPoint(point, event.shiftKey);
    },
    false,
  );
  on('pointermove', (event) => {
    const point = at(event);
    onPointer(point);
    if (!drag) {
      if (event.shiftKey && event.buttons === 0 && room.get().prompting.mode === 'off') pointAt(point);
      return;
    }
    const [dx, dy] = [point.x - drag.x, point.y - drag.y];
    if (drag.kind === 'crosshair') pointAt(point);
    if (drag.kind === 'box') prompting.tell({ is: 'draft', draft: boxFrom({ x: drag.fromX, y: drag.fromY }, point) });
    if (drag.kind === 'pan') look(panBy(geometry().frame, camera(), dx, dy));
    if (drag.kind === 'zoom') look(zoomAbout(geometry().frame, camera(), Math.exp(-dy / 120), drag.fromX, drag.fromY));
    if (drag.kind === 'window') {
      const state = room.get();
      const channel = activeChannel(state);
      const { min, max } = state.subject.channels[channel].statistics;
      setWindow(room, channel, dragWindow(state.windows[channel], dx, dy, Math.max(max - min, 1e-6)));
    }
    drag = { ...drag, ...point };
  });
  const end = () => {
    drag = null;
    delete host.dataset.drag;
  };
  on('pointerup', (event) => {
    if (drag?.kind === 'box' && room.get().prompting.draft) {
      const point = at(event);
      const isBox = Math.min(Math.abs(point.x - drag.fromX), Math.abs(point.y - drag.fromY)) >= leastBox;
      if (isBox) prompting.tell({ is: 'box', ...boxFrom({ x: drag.fromX, y: drag.fromY }, point) });
      else prompting.tell({ is: 'draft', draft: null });
    }
    end();
  });
  on('pointercancel', end);
  on('pointerenter', () => {
    isInside = true;
  });
  on('pointerleave', () => {
    isInside = false;
    onPointer(null);
  });
  on('focus', onFocus);
  on('contextmenu', (event) => event.preventDefault(), false);
  on('dblclick', () => {
    const { maximised, prompting } = room.get();
    // Points set in quick succession are no wish to see one view alone.
    if (prompting.mode !== 'off') return;
    room.set({ maximised: maximised === view().id ? null : view().id });
  });
  on(
    'wheel',
    (event) => {
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) {
        const { x, y } = at(event);
        look(zoomAbout(geometry().frame, camera(), Math.exp(-event.deltaY / 400), x, y));
        return;
      }
      const wheel = wheelSteps(event, carried);
      carried = wheel.carried;
      if (wheel.steps !== 0) setSlice(room, view().id, view().plane, geometry().slice + wheel.steps);
    },
    false,
  );

  // Space is held, not typed, over a view: the page must neither scroll nor press the button that has the focus.
  const space = (event: KeyboardEvent) => {
    if (event.code !== 'Space' || !(isInside || document.activeElement === host)) return;
    isSpaceHeld = event.type === 'keydown';
    host.toggleAttribute('data-space', isSpaceHeld);
    event.preventDefault();
  };
  window.addEventListener('keydown', space, { signal: stop.signal });
  window.addEventListener('keyup', space, { signal: stop.signal });

  return {
    goTo: (slice: number) => setSlice(room, view().id, view().plane, slice),
    dispose: () => stop.abort(),
  };
}
