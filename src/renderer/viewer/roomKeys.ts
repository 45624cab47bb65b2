/** Keys of the room: one table, read by the keyboard and by the cheat sheet. */
import type { Attention } from './attention';
import { standardViews } from './orbit';
import { planeAxes, planeExtent } from './planes';
import type { Prompting } from './prompting/prompting';
import { promptKeys } from './prompting/promptKeys';
import { activeChannel, cameraOf, type Room, resetViews, setCamera, setOrbit, setSlice, setWindow, sliceOf } from './roomState';
import { fitted, zoomAbout } from './viewGeometry';
import { presetsFor } from './windows';

export interface Key {
  /** As `KeyboardEvent.key` gives it (letters in lower case, after `Ctrl+` or `Ctrl+Shift+` where that is held), or a `code` for keys whose letter changes with Shift. */
  readonly keys: readonly string[];
  readonly shift?: true;
  /** Matched by place on the keyboard, with and without Shift. */
  readonly isPlace?: true;
  readonly says: string;
  readonly does: string;
  /** False while the key means something else, or nothing. */
  applies?(room: Room, prompting: Prompting): boolean;
  act(room: Room, attention: Attention, key: string, isShifted: boolean, prompting: Prompting): void;
}

const step = (by: number) => (room: Room, attention: Attention) => {
  const { view } = attention;
  if (view) setSlice(room, view.id, view.plane, sliceOf(room.get(), view.id, view.plane) + by);
};
const edge = (toEnd: boolean) => (room: Room, attention: Attention) => {
  const { view } = attention;
  if (view) setSlice(room, view.id, view.plane, toEnd ? Number.MAX_SAFE_INTEGER : 0);
};
const zoom =
  (factor: number) =>
  (room: Room, { view }: Attention) => {
    if (!view) return;
    const state = room.get();
    const axes = planeAxes(view.plane, state.convention);
    const frame = { viewWidth: 400, viewHeight: 400, mirrored: axes.mirrored, ...planeExtent(state.subject.grid, axes) };
    // Zoomed about the middle of the view, whose size does not matter for that.
    setCamera(room, view.id, view.plane, zoomAbout(frame, cameraOf(state, view.id, view.plane), factor, 200, 200));
  };
const fade = (by: number) => (room: Room) =>
  room.set({ opacity: Math.min(1, Math.max(0.1, Math.round((room.get().opacity + by) * 10) / 10)) });

export const roomKeys: readonly Key[] = [
  ...promptKeys,
  { keys: ['ArrowUp', 'ArrowRight'], says: '↑', does: 'Next slice', act: step(1) },
  { keys: ['ArrowDown', 'ArrowLeft'], says: '↓', does: 'Previous slice', act: step(-1) },
  { keys: ['PageUp'], says: 'Page up', does: 'Five slices on', act: step(5) },
  { keys: ['PageDown'], says: 'Page down', does: 'Five slices back', act: step(-5) },
  { keys: ['End'], says: 'End', does: 'Last slice', act: edge(true) },
  { keys: ['Home'], says: 'Home', does: 'First slice', act: edge(false) },
  { keys: ['+', '='], says: '+', does: 'Closer', act: zoom(1.25) },
  { keys: ['-'], says: '−', does: 'Farther', act: zoom(0.8) },
  {
    keys: ['0'],
    says: '0',
    does: 'Fit this plane',
    act: (room, { view }) => view && setCamera(room, view.id, view.plane, fitted),
  },
  { keys: ['s'], says: 'S', does: 'Masks on or off', act: (room) => room.set({ showLabels: !room.get().showLabels }) },
  { keys: ['a'], says: 'A', does: 'Masks fainter', act: fade(-0.1) },
  { keys: ['d'], says: 'D', does: 'Masks stronger', act: fade(0.1) },
  {
    keys: ['Digit1', 'Digit2', 'Digit3', 'Digit4', 'Digit5'],
    shift: true,
    says: 'Shift 1 … 5',
    does: 'Window presets',
    act(room, _, key) {
      const state = room.get();
      const channel = activeChannel(state);
      const preset = presetsFor(state.subject.channels[channel])[Number(key.slice(5)) - 1];
      if (preset) setWindow(room, channel, preset.window);
    },
  },
  {
    keys: Object.keys(standardViews),
    isPlace: true,
    says: '1 · 3 · 7 on the keypad',
    does: '3D from the front, the left, above; Shift for the opposite',
    act(room, _, key, isShifted) {
      // Cameras of their own are turned in their own view.
      if (room.get().linked) setOrbit(room, '', isShifted ? standardViews[key].opposite : standardViews[key].from);
    },
  },
  { keys: ['r'], says: 'R', does: 'Reset views and windows', act: (room) => resetViews(room) },
  { keys: ['f'], says: 'F', does: 'Fill the window', act: (room) => room.set({ fillsWindow: !room.get().fillsWindow }) },
  {
    keys: ['Escape'],
    says: 'Esc',
    does: 'Back to all views',
    act: (room) => room.set({ maximised: null, fillsWindow: false }),
  },
];

const typesText = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

function keyFor(event: KeyboardEvent, applying: readonly Key[]): { found: Key; key: string } | null {
  const letter = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey) {
    const key = `Ctrl+${event.shiftKey ? 'Shift+' : ''}${letter}`;
    const found = applying.find(({ keys }) => keys.includes(key));
    return found ? { found, key } : null;
  }
  const place = applying.find(({ keys, isPlace }) => isPlace && keys.includes(event.code));
  if (place) return { found: place, key: event.code };
  const digit = applying.find(({ keys, shift }) => shift && event.shiftKey && keys.includes(event.code));
  if (digit) return { found: digit, key: event.code };
  // A plus is typed with Shift on many keyboards; every other key means something else with it.
  if (event.shiftKey && letter !== '+') return null;
  const found = applying.find(({ keys, shift, isPlace }) => !shift && !isPlace && keys.includes(letter));
  return found ? { found, key: letter } : null;
}

/** Acts on keys pressed in the room, or with nothing in particular focused. Returns how to stop. */
export function listenToKeys(host: HTMLElement, room: Room, attention: Attention, prompting: Prompting): () => void {
  const hear = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.altKey || typesText(event.target)) return;
    const focused = document.activeElement;
    if (focused && focused !== document.body && !host.contains(focused)) return;
    const applying = roomKeys.filter(({ applies }) => applies?.(room, prompting) ?? true);
    const pressed = keyFor(event, applying);
    if (!pressed || !room.get().voxels) return;
    event.preventDefault();
    pressed.found.act(room, attention, pressed.key, event.shiftKey, prompting);
  };
  window.addEventListener('keydown', hear);
  return () => window.removeEventListener('keydown', hear);
}
