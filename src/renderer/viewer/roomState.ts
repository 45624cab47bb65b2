/** What the room is showing right now, and the few ways to change it that keep linked views together. No drawing, no DOM. */
import type { Case, Structure } from '../../shared/domain';
import { type Index3, type PointMm, toIndex } from '../../shared/geometry';
import type { CaseVoxels } from './caseVoxels';
import type { ColourMap, Window } from './colours';
import type { Band } from './differences';
import type { LayoutName } from './layouts';
import { type Orbit, openingOrbit } from './orbit';
import { type Axis, type Convention, type Plane, planeAxes } from './planes';
import { openingPrompts, type PromptState } from './prompting/promptState';
import type { MaskSource } from './sources';
import { createStore, type Store } from './store';
import { type Camera, fitted } from './viewGeometry';
import { openingWindow } from './windows';

export type Tool = 'navigate' | 'window';
export type Quality = 'draft' | 'balanced' | 'fine';
/** Ways to render a volume, by the names 3D Slicer users look for. */
export const renderings = ['CT-Soft-Tissue', 'CT-Bones', 'CT-MIP', 'PET-MIP', 'MIP', 'Surfaces only'] as const;
export type Rendering = (typeof renderings)[number];

export interface RoomState {
  readonly subject: Case;
  /** Null for the moment between two cases. */
  readonly voxels: CaseVoxels | null;
  readonly structures: readonly Structure[];
  readonly sources: readonly MaskSource[];
  readonly hidden: ReadonlySet<number>;
  readonly convention: Convention;
  readonly layout: LayoutName;
  readonly maximised: string | null;
  readonly fillsWindow: boolean;
  /** The source to look at closely, by id; null leaves it to the layout. */
  readonly chosen: string | null;
  readonly tool: Tool;
  readonly linked: boolean;
  readonly drawing: 'outline' | 'fill';
  readonly showLabels: boolean;
  /** Of fills and outlines, 0…1. */
  readonly opacity: number;
  readonly crosshair: Index3;
  /** Positions of the channels shown below and above; above is null when there is one channel. */
  readonly base: number;
  readonly over: number | null;
  /** 0 shows the base alone, 1 the layer over it alone. */
  readonly fusion: number;
  /** Colours of a PET that is shown alone. */
  readonly aloneMap: ColourMap;
  /** By channel position. */
  readonly windows: readonly Window[];
  /** Cameras by view id; views of a plane share one while linked. */
  readonly cameras: Readonly<Record<string, Camera>>;
  /** Slices of views that are not linked, by view id. */
  readonly slices: Readonly<Record<string, number>>;
  /** Cameras of 3D views by view id; all share one while linked. */
  readonly orbits: Readonly<Record<string, Orbit>>;
  /** Where a source differs from the reference along i, j and k, by source id. */
  readonly differences: Readonly<Record<string, readonly (readonly Band[])[]>>;
  readonly rendering: Rendering;
  readonly quality: Quality;
  /** Changed by events alone: see `prompting/prompting.ts`. */
  readonly prompting: PromptState;
}
export type Room = Store<RoomState>;

/** CT below PET when both are there; else the first two channels; a lone channel has nothing over it. */
export function channelRoles({ channels }: Pick<Case, 'channels'>): { base: number; over: number | null } {
  const ct = channels.findIndex(({ modality }) => modality === 'CT');
  const base = Math.max(0, ct);
  const pet = channels.findIndex(({ modality }, position) => modality === 'PET' && position !== base);
  const other = channels.findIndex((_, position) => position !== base);
  const over = pet >= 0 ? pet : other;
  return { base, over: over >= 0 ? over : null };
}

/** Everything that belongs to one case and starts afresh with the next. */
function opening(subject: Case, sources: readonly MaskSource[]) {
  const { base, over } = channelRoles(subject);
  const isCt = subject.channels[base]?.modality === 'CT';
  return {
    subject,
    sources,
    base,
    over,
    crosshair: subject.grid.size.map((count) => Math.floor(count / 2)) as unknown as Index3,
    windows: subject.channels.map((channel, position) => openingWindow(channel, position === over && isCt)),
    cameras: {},
    slices: {},
    orbits: {},
    differences: {},
    maximised: null,
    chosen: null,
  };
}

/** Renderings that suit a case's channels, the most useful first. */
export function renderingsFor({ channels }: Pick<Case, 'channels'>): Rendering[] {
  const has = (modality: string) => channels.some((channel) => channel.modality === modality);
  const isOther = channels.some(({ modality }) => modality !== 'CT' && modality !== 'PET');
  return renderings.filter(
    (name) =>
      name === 'Surfaces only' ||
      (name.startsWith('CT') && has('CT')) ||
      (name.startsWith('PET') && has('PET')) ||
      (name === 'MIP' && isOther),
  );
}

/** The channel a rendering shows, or null for surfaces alone. */
export function renderedChannel({ channels }: Pick<Case, 'channels'>, rendering: Rendering): number | null {
  if (rendering === 'Surfaces only') return null;
  const found = channels.findIndex(({ modality }) =>
    rendering === 'MIP' ? modality !== 'CT' && modality !== 'PET' : rendering.startsWith(modality),
  );
  return found < 0 ? null : found;
}

export function createRoom(subject: Case, structures: readonly Structure[], sources: readonly MaskSource[]): Room {
  return createStore<RoomState>({
    ...opening(subject, sources),
    voxels: null,
    structures,
    hidden: new Set(),
    convention: 'radiological',
    layout: 'compare',
    fillsWindow: false,
    tool: 'navigate',
    linked: true,
    drawing: 'outline',
    showLabels: true,
    opacity: 0.9,
    fusion: subject.channels.length > 1 ? 0.35 : 0,
    aloneMap: 'inverse',
    rendering: renderingsFor(subject)[0],
    quality: 'balanced',
    prompting: openingPrompts,
  });
}

/** Shows another case. Choices about how to look (layout, drawing, fusion, tool) stay. */
export function openCase(room: Room, subject: Case, sources: readonly MaskSource[], voxels: CaseVoxels): void {
  const { fusion, rendering } = room.get();
  const suiting = renderingsFor(subject);
  room.set({
    ...opening(subject, sources),
    voxels,
    fusion: subject.channels.length > 1 ? fusion : 0,
    rendering: suiting.includes(rendering) ? rendering : suiting[0],
  });
}

const key = (state: RoomState, view: string, plane: Plane) => (state.linked ? plane : view);

export const sliceOf = (state: RoomState, view: string, plane: Plane): number => {
  const { through } = planeAxes(plane, state.convention);
  return state.linked ? state.crosshair[through] : (state.slices[view] ?? state.crosshair[through]);
};

export const cameraOf = (state: RoomState, view: string, plane: Plane): Camera => state.cameras[key(state, view, plane)] ?? fitted;

const orbitKey = (state: RoomState, view: string) => (state.linked ? 'all' : view);
export const orbitOf = (state: RoomState, view: string): Orbit => state.orbits[orbitKey(state, view)] ?? openingOrbit;
export function setOrbit(room: Room, view: string, orbit: Orbit): void {
  const state = room.get();
  room.set({ orbits: { ...state.orbits, [orbitKey(state, view)]: orbit } });
}

export function setCamera(room: Room, view: string, plane: Plane, camera: Camera): void {
  const state = room.get();
  room.set({ cameras: { ...state.cameras, [key(state, view, plane)]: camera } });
}

/** Nearest voxel of the grid. */
export const clampToGrid = (size: Index3, index: Index3): Index3 =>
  index.map((value, axis) => Math.min(size[axis] - 1, Math.max(0, Math.round(value)))) as unknown as Index3;

export function setCrosshair(room: Room, index: Index3): void {
  const { subject, crosshair } = room.get();
  const next = clampToGrid(subject.grid.size, index);
  if (next.some((value, axis) => value !== crosshair[axis])) room.set({ crosshair: next });
}

/** Goes to a slice: all views of the plane while linked, this view alone otherwise. */
export function setSlice(room: Room, view: string, plane: Plane, slice: number): void {
  const state = room.get();
  const { through } = planeAxes(plane, state.convention);
  const to = Math.min(state.subject.grid.size[through] - 1, Math.max(0, slice));
  if (state.linked) setCrosshair(room, withAxis(state.crosshair, through, to));
  else room.set({ slices: { ...state.slices, [view]: to } });
}

export const withAxis = (index: Index3, axis: Axis, value: number): Index3 =>
  index.map((each, at) => (at === axis ? value : each)) as unknown as Index3;

/** Moves the crosshair to a place in the body; a point outside the image goes to its nearest voxel. */
export function goTo(room: Room, mm: PointMm): void {
  const { subject } = room.get();
  room.set({ slices: {}, cameras: {} });
  setCrosshair(room, toIndex(subject.grid, mm));
}

/** Which channel the window tool and the presets act on: the one that is mostly on the screen. */
export const activeChannel = (state: Pick<RoomState, 'base' | 'over' | 'fusion'>): number =>
  state.over !== null && state.fusion > 0.5 ? state.over : state.base;

export function setWindow(room: Room, channel: number, window: Window): void {
  room.set({ windows: room.get().windows.map((each, position) => (position === channel ? window : each)) });
}

/** Fits every view and puts the windows back to what the case opened with. The crosshair stays. */
export function resetViews(room: Room): void {
  const { subject, sources } = room.get();
  const { windows } = opening(subject, sources);
  room.set({ windows, cameras: {}, slices: {}, orbits: {}, maximised: null });
}
