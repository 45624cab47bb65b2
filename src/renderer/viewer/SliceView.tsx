/** The sleeve around a slice scene: made once, told what to show, freed once. */
import { useEffect, useRef } from 'react';
import type { Attention } from './attention';
import { Caption } from './Caption';
import type { Prompting } from './prompting/prompting';
import type { Room } from './roomState';
import { createSliceScene, type SliceScene, type SliceTile } from './SliceScene';
import type { Pictures } from './slicePicture';

interface SliceViewProps {
  tile: SliceTile;
  room: Room;
  pictures: Pictures;
  attention: Attention;
  prompting: Prompting;
}

export function SliceView({ tile, room, pictures, attention, prompting }: SliceViewProps) {
  const element = useRef<HTMLDivElement>(null);
  const scene = useRef<SliceScene | null>(null);
  const first = useRef(tile);
  useEffect(() => {
    const created = createSliceScene(element.current!, { room, pictures, attention, prompting }, first.current);
    scene.current = created;
    return () => created.dispose();
  }, [room, pictures, attention, prompting]);
  useEffect(() => scene.current?.show(tile), [tile]);
  // A picture to look at that also takes keys: arrows step through slices while it has the focus.
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the view is operated by keyboard
    <div ref={element} className="view slice" role="img" tabIndex={0} data-view={tile.id}>
      <Caption room={room} tile={tile} />
    </div>
  );
}
