/** One slice view: a canvas drawn only when something it shows has changed, with its captions laid over it. Knows nothing of components. */
import type { Index3 } from '../../shared/geometry';
import type { Attention } from './attention';
import { comparedOf, type Tile } from './layouts';
import { edgeLetters, type PlaneAxes, planeAxes, planeExtent, sliceLabel } from './planes';
import type { Prompting } from './prompting/prompting';
import { drawPrompts, promptLook } from './prompting/promptOverlay';
import { cameraOf, type Room, type RoomState, sliceOf, withAxis } from './roomState';
import { createCaptions } from './sliceCaptions';
import { listenToInput } from './sliceInput';
import { drawCrosshair, drawMasks, type Ink, inkOf } from './sliceOverlay';
import { type Pictures, pictureOf } from './slicePicture';
import { type Frame, type Placement, place, voxelAt } from './viewGeometry';

export type SliceTile = Extract<Tile, { kind: 'slice' }>;

/** How a view lies right now; input is turned into voxels with it. */
export interface SliceGeometry {
  readonly frame: Frame;
  readonly placement: Placement;
  readonly axes: PlaneAxes;
  readonly slice: number;
}

export interface SliceScene {
  /** Shows other sources, or another plane, in the same place. */
  show(tile: SliceTile): void;
  dispose(): void;
}

/** What all views of a room share. */
export interface SliceCompany {
  readonly room: Room;
  readonly pictures: Pictures;
  readonly attention: Attention;
  readonly prompting: Prompting;
}

export function createSliceScene(host: HTMLElement, { room, pictures, attention, prompting }: SliceCompany, first: SliceTile): SliceScene {
  let tile = first;
  let size = { width: 0, height: 0, deviceWidth: 0, deviceHeight: 0 };
  let scheduled = 0;
  let drawnLook = '';
  let pointer: { x: number; y: number } | null = null;

  const canvas = document.createElement('canvas');
  // First, so that what React lays over the view stays on top.
  host.prepend(canvas);
  const context = canvas.getContext('2d', { alpha: false })!;
  const captions = createCaptions(host, (slice) => input.goTo(slice));
  let ink: Ink = inkOf(host);

  const geometry = (state: RoomState): SliceGeometry => {
    const axes = planeAxes(tile.plane, state.convention);
    const frame = {
      viewWidth: size.width,
      viewHeight: size.height,
      mirrored: axes.mirrored,
      unit: ink.unit,
      ...planeExtent(state.subject.grid, axes),
    };
    return { frame, axes, slice: sliceOf(state, tile.id, tile.plane), placement: place(frame, cameraOf(state, tile.id, tile.plane)) };
  };

  /** Everything a drawing depends on, apart from voxels arriving. */
  const lookOf = (state: RoomState): string =>
    JSON.stringify([
      [tile, size, state.subject.id, state.crosshair, sliceOf(state, tile.id, tile.plane), cameraOf(state, tile.id, tile.plane)],
      [state.windows, state.fusion, state.aloneMap, state.base, state.over, state.drawing, state.showLabels, state.opacity],
      [[...state.hidden], state.convention, state.sources, state.structures, state.differences, state.chosen, state.voxels === null],
      promptLook(state.prompting),
    ]);

  const draw = () => {
    scheduled = 0;
    const state = room.get();
    drawnLook = lookOf(state);
    if (size.width === 0 || size.height === 0) return;
    if (canvas.width !== size.deviceWidth || canvas.height !== size.deviceHeight) {
      canvas.width = size.deviceWidth;
      canvas.height = size.deviceHeight;
      ink = inkOf(host);
    }
    const ratio = size.deviceWidth / size.width;
    const { frame, placement, axes, slice } = geometry(state);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = '#000000';
    context.fillRect(0, 0, size.width, size.height);
    const { voxels } = state;
    const shown = tile.sources.flatMap((id) => state.sources.find((source) => source.id === id) ?? []);
    const started = performance.now();
    if (voxels) {
      const pixels = [Math.abs(placement.xu) * ratio, Math.abs(placement.yv) * ratio] as const;
      const picture = pictureOf(pictures, voxels, state, tile.plane, slice, [frame.width, frame.height], pixels);
      if (picture) {
        context.save();
        context.transform(placement.xu, 0, 0, placement.yv, placement.x0, placement.y0);
        context.imageSmoothingQuality = 'medium';
        context.drawImage(picture, -0.5, -0.5, frame.width, frame.height);
        context.restore();
      }
      drawMasks(context, ink, state, voxels, shown, tile.plane, slice, placement);
      drawPrompts(context, state, { plane: tile.plane, axes, slice, placement, unit: ink.unit });
    }
    const { crosshair } = state;
    drawCrosshair(context, ink, placement, [crosshair[axes.across], crosshair[axes.up]], [size.width, size.height]);
    // For whoever measures: observers hear of it, nothing piles up.
    performance.measure('slice', { start: started });
    performance.clearMeasures('slice');
    captions.show({
      caption: tile.caption,
      letters: edgeLetters(state.subject.grid, axes),
      label: sliceLabel(state.subject.grid, tile.plane, slice, crosshair),
      isConventional: state.convention === 'radiological',
      scale: placement.scale,
      slice,
      slices: state.subject.grid.size[axes.through],
      bands: stripOf(state, axes),
      longestBar: Math.min(72 * ink.unit, size.width / 6),
    });
    readOut(state);
  };

  /** Differences of the source shown here; beside a reference, those of the source it is compared with. */
  const stripOf = (state: RoomState, axes: PlaneAxes) => {
    const own = tile.sources.length === 1 ? state.differences[tile.sources[0]] : undefined;
    const compared = comparedOf(state.sources, state.chosen);
    return (own ?? (compared ? state.differences[compared.id] : undefined))?.[axes.through] ?? null;
  };

  const indexAt = (state: RoomState, x: number, y: number): Index3 | null => {
    const { frame, placement, axes, slice } = geometry(state);
    const found = voxelAt(frame, placement, x, y);
    return found && withAxis(withAxis(withAxis(state.crosshair, axes.through, slice), axes.across, found[0]), axes.up, found[1]);
  };
  const readOut = (state: RoomState) => {
    if (pointer) attention.point(indexAt(state, pointer.x, pointer.y));
  };

  const schedule = () => {
    scheduled ||= requestAnimationFrame(draw);
  };
  const input = listenToInput(host, {
    room,
    prompting,
    view: () => tile,
    geometry: () => geometry(room.get()),
    onPointer(at) {
      pointer = at;
      if (!at) attention.point(null);
      else {
        attention.enter(tile);
        readOut(room.get());
      }
    },
    onFocus: () => attention.enter(tile),
  });

  const observer = new ResizeObserver(([entry]) => {
    const { width, height } = entry.contentRect;
    const device = entry.devicePixelContentBoxSize?.[0];
    size = {
      width,
      height,
      deviceWidth: device?.inlineSize ?? Math.round(width * devicePixelRatio),
      deviceHeight: device?.blockSize ?? Math.round(height * devicePixelRatio),
    };
    // Drawn at once: waiting for the next frame would show the old picture stretched.
    draw();
  });
  observer.observe(host);

  let voxels = room.get().voxels;
  let stopVoxels = voxels?.listen(schedule);
  const stopRoom = room.listen(() => {
    const state = room.get();
    if (state.voxels !== voxels) {
      stopVoxels?.();
      voxels = state.voxels;
      stopVoxels = voxels?.listen(schedule);
      schedule();
    } else if (lookOf(state) !== drawnLook) schedule();
  });

  return {
    show(next) {
      tile = next;
      schedule();
    },
    dispose() {
      cancelAnimationFrame(scheduled);
      observer.disconnect();
      stopRoom();
      stopVoxels?.();
      input.dispose();
      captions.dispose();
      canvas.remove();
    },
  };
}
