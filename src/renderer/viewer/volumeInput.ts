/** Turning, zooming and moving a 3D view by pointer and keys, and drawing it when its camera or size changes. */
import { type Orbit, shifted, standardViews, turned, zoomed } from './orbit';
import { orbitOf, type Room, setOrbit } from './roomState';
import type { VolumeScene } from './VolumeScene';

/** A view counts as at rest this long after its last move, in milliseconds. */
const restAfter = 220;

export interface OrbitInput {
  /** Draws what the scene holds now, at the size the view has now. */
  redraw(): void;
  dispose(): void;
}

export function listenToOrbit(host: HTMLElement, room: Room, view: string, scene: () => VolumeScene | null): OrbitInput {
  const stop = new AbortController();
  let drag: { kind: 'turn' | 'pan' | 'zoom'; x: number; y: number } | null = null;
  let scheduled = 0;
  let resting: ReturnType<typeof setTimeout> | undefined;
  let isMoving = false;
  let drawn: Orbit | null = null;

  const draw = () => {
    scheduled = 0;
    const state = room.get();
    drawn = orbitOf(state, view);
    if (host.clientWidth > 0) scene()?.draw(drawn, state.quality, isMoving);
  };
  const schedule = () => {
    scheduled ||= requestAnimationFrame(draw);
  };
  const move = () => {
    isMoving = true;
    clearTimeout(resting);
    resting = setTimeout(() => {
      isMoving = false;
      schedule();
    }, restAfter);
    schedule();
  };
  const resize = () => {
    if (host.clientWidth === 0) return;
    scene()?.resize(host.clientWidth, host.clientHeight, devicePixelRatio, room.get().quality);
    schedule();
  };
  const on = <K extends keyof HTMLElementEventMap>(name: K, hear: (event: HTMLElementEventMap[K]) => void) =>
    host.addEventListener(name, hear, { signal: stop.signal, passive: false });
  const change = (next: Orbit) => setOrbit(room, view, next);
  const orbit = () => orbitOf(room.get(), view);

  on('pointerdown', (event) => {
    const kind = event.button === 2 ? 'zoom' : event.button === 1 || event.shiftKey ? 'pan' : 'turn';
    if (event.button === 1) event.preventDefault();
    drag = { kind, x: event.clientX, y: event.clientY };
    host.setPointerCapture(event.pointerId);
    host.dataset.drag = kind;
  });
  on('pointermove', (event) => {
    if (!drag) return;
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    drag = { ...drag, x: event.clientX, y: event.clientY };
    if (drag.kind === 'turn') change(turned(orbit(), dx, dy));
    if (drag.kind === 'pan') change(shifted(orbit(), dx, dy, host.clientHeight));
    if (drag.kind === 'zoom') change(zoomed(orbit(), Math.exp(-dy / 120)));
  });
  const end = () => {
    drag = null;
    delete host.dataset.drag;
  };
  on('pointerup', end);
  on('pointercancel', end);
  on('contextmenu', (event) => event.preventDefault());
  on('wheel', (event) => {
    event.preventDefault();
    change(zoomed(orbit(), Math.exp(-event.deltaY / 500)));
  });
  on('dblclick', () => room.set({ maximised: room.get().maximised === view ? null : view }));
  on('keydown', (event) => {
    const step = { ArrowLeft: [-20, 0], ArrowRight: [20, 0], ArrowUp: [0, -20], ArrowDown: [0, 20] }[event.key];
    const standard = standardViews[event.code];
    if (standard) change(event.shiftKey ? standard.opposite : standard.from);
    else if (step) change(turned(orbit(), step[0], step[1]));
    else if (event.key === '+' || event.key === '=') change(zoomed(orbit(), 1.2));
    else if (event.key === '-') change(zoomed(orbit(), 1 / 1.2));
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  const observer = new ResizeObserver(resize);
  observer.observe(host);
  let quality = room.get().quality;
  const stopRoom = room.listen(() => {
    if (room.get().quality !== quality) {
      quality = room.get().quality;
      resize();
    } else if (orbit() !== drawn) move();
  });
  return {
    redraw: resize,
    dispose() {
      stop.abort();
      observer.disconnect();
      stopRoom();
      clearTimeout(resting);
      cancelAnimationFrame(scheduled);
    },
  };
}
