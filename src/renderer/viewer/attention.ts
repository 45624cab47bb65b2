/** Where the person's attention is: the view under the pointer or the keyboard, and the voxel being read out. */
import type { Index3 } from '../../shared/geometry';
import type { Plane } from './planes';
import { type CursorReading, readAt } from './reading';
import type { Room } from './roomState';

export interface Attention {
  /** The slice view that keys act on, or null when it is none. */
  readonly view: { readonly id: string; readonly plane: Plane } | null;
  enter(view: { id: string; plane: Plane }): void;
  /** The voxel under the pointer; null when the pointer left, which falls back to the crosshair. */
  point(index: Index3 | null): void;
  dispose(): void;
}

/** Reports at most once a frame, and only what changed. */
export function createAttention(room: Room, onCursor: (reading: CursorReading | null) => void): Attention {
  let view: Attention['view'] = null;
  let pointed: Index3 | null = null;
  let scheduled = 0;
  let last = '';
  const report = () => {
    scheduled = 0;
    const state = room.get();
    const reading = state.voxels && readAt(state, state.voxels, pointed ?? state.crosshair);
    const text = JSON.stringify([state.subject.id, reading]);
    if (text === last) return;
    last = text;
    onCursor(reading);
  };
  const schedule = () => {
    scheduled ||= requestAnimationFrame(report);
  };
  let voxels = room.get().voxels;
  let stopVoxels = voxels?.listen(schedule);
  const stopRoom = room.listen(() => {
    if (room.get().voxels !== voxels) {
      stopVoxels?.();
      voxels = room.get().voxels;
      stopVoxels = voxels?.listen(schedule);
      pointed = null;
    }
    schedule();
  });
  schedule();
  return {
    get view() {
      return view;
    },
    enter(next) {
      view = next;
    },
    point(index) {
      pointed = index;
      schedule();
    },
    dispose() {
      cancelAnimationFrame(scheduled);
      stopRoom();
      stopVoxels?.();
    },
  };
}
