/** The comparing room: a case's slices and 3D views with the masks of every source, linked. Owns no fetching and no drawing of its own. */
import { type CSSProperties, type JSX, useEffect, useMemo, useRef, useState } from 'react';
import type { Case, Structure } from '../../shared/domain';
import type { PointMm } from '../../shared/geometry';
import { type Attention, createAttention } from './attention';
import { openCaseVoxels } from './caseVoxels';
import { keepDifferences } from './compare';
import { layoutOf } from './layouts';
import { Progress } from './Progress';
import type { Convention } from './planes';
import { PromptBar } from './prompting/PromptBar';
import { createPrompting } from './prompting/prompting';
import type { PromptService } from './prompting/service';
import type { CursorReading } from './reading';
import { listenToKeys } from './roomKeys';
import { createRoom, goTo, openCase, resetViews } from './roomState';
import { SliceView } from './SliceView';
import { createPictures } from './slicePicture';
import type { MaskSource } from './sources';
import { useStore } from './store';
import { Toolbar } from './Toolbar';
import { VolumeView } from './VolumeView';
import { drawing3d } from './webgl';
import './room.css';
import './views.css';

export type { CursorReading } from './reading';
export type { MaskSource } from './sources';

export interface RoomProps {
  subject: Case;
  structures: Structure[];
  sources: MaskSource[];
  /** Structures not to draw. */
  hidden: ReadonlySet<number>;
  convention: Convention;
  /** What lies under the pointer, or the crosshair when the pointer is elsewhere. */
  onCursor(reading: CursorReading | null): void;
  /** A place to go to; a new object goes there again. */
  focus: { mm: PointMm } | null;
  /** Teachers that take prompts, and the way to ask them; null where there are none to be had. */
  prompts?: PromptService | null;
}

export function Room({ subject, structures, sources, hidden, convention, onCursor, focus, prompts = null }: RoomProps): JSX.Element {
  const element = useRef<HTMLElement>(null);
  const [room] = useState(() => createRoom(subject, structures, sources));
  const [pictures] = useState(createPictures);
  const [attention, setAttention] = useState<Attention | null>(null);

  // Callers make these anew on every render; the views should only hear of real changes.
  const sourcesKey = JSON.stringify(sources);
  const steadySources = useMemo(() => JSON.parse(sourcesKey) as MaskSource[], [sourcesKey]);
  const subjectKey = `${subject.id}/${subject.channels.map(({ file }) => file)}`;
  const latest = useRef({ subject, sources: steadySources, onCursor, prompts });
  latest.current = { subject, sources: steadySources, onCursor, prompts };
  const [prompting] = useState(() => createPrompting(room, () => latest.current.prompts));

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the case and its files
  useEffect(() => {
    const voxels = openCaseVoxels(latest.current.subject, latest.current.sources);
    pictures.clear();
    openCase(room, latest.current.subject, latest.current.sources, voxels);
    return () => {
      prompting.tell({ is: 'leave' });
      room.set({ voxels: null });
      voxels.dispose();
    };
  }, [room, pictures, prompting, subjectKey]);
  useEffect(() => {
    room.get().voxels?.setSources(steadySources);
    room.set({ sources: steadySources });
  }, [room, steadySources]);
  useEffect(() => room.set({ structures, hidden, convention }), [room, structures, hidden, convention]);
  useEffect(() => {
    if (focus) goTo(room, focus.mm);
  }, [room, focus]);
  useEffect(() => {
    const created = createAttention(room, (reading) => latest.current.onCursor(reading));
    setAttention(created);
    const stopKeys = listenToKeys(element.current!, room, created, prompting);
    return () => {
      stopKeys();
      created.dispose();
      latest.current.onCursor(null);
    };
  }, [room, prompting]);

  const teachersKey = JSON.stringify(prompts?.teachers.map(({ id, hindrance }) => [id, hindrance]));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the teachers
  useEffect(() => prompting.teachersChanged(), [prompting, teachersKey]);
  useEffect(() => keepDifferences(room), [room]);
  useEffect(() => {
    if (drawing3d() === 'software') room.set({ quality: 'draft' });
  }, [room]);

  const { layout, chosen, maximised, fillsWindow } = useStore(room, (state) => state);
  const { columns, tiles } = useMemo(() => layoutOf(layout, steadySources, chosen), [layout, steadySources, chosen]);
  const only = tiles.some(({ id }) => id === maximised) ? maximised : null;
  return (
    <section
      ref={element}
      className={`room${fillsWindow ? ' fills-window' : ''}${only ? ' one-view' : ''}`}
      aria-label={`Case ${subject.name}`}
      data-theme="dark"
      style={{ '--columns': columns } as CSSProperties}
    >
      <Toolbar room={room} prompting={prompts ? prompting : null} onReset={() => resetViews(room)} />
      {prompts && <PromptBar room={room} prompting={prompting} teachers={prompts.teachers} />}
      <div className="room-views">
        {attention &&
          tiles.map((tile) => (
            <div key={tile.id} className={`tile${tile.id === only ? ' alone' : ''}`}>
              {tile.kind === 'slice' && (
                <SliceView tile={tile} room={room} pictures={pictures} attention={attention} prompting={prompting} />
              )}
              {tile.kind !== 'slice' && <VolumeView tile={tile} room={room} />}
            </div>
          ))}
        <Progress room={room} />
      </div>
    </section>
  );
}
