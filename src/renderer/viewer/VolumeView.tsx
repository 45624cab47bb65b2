/** A 3D tile: asks for surfaces and a small image, hands them to the scene, and says so while it waits or cannot. */
import { useEffect, useRef, useState } from 'react';
import type { Case } from '../../shared/domain';
import { Caption } from './Caption';
import { Compass } from './Compass';
import type { Tile } from './layouts';
import { gridOfBox } from './prompting/previewMask';
import { type Room, type RoomState, renderedChannel } from './roomState';
import { useStore } from './store';
import { askSurfaces, stored } from './surfaces/client';
import type { StructureSurface } from './surfaces/tasks';
import { transferFunctionOf } from './transferFunctions';
import { VolumeMenus } from './VolumeMenus';
import type { VolumeContent, VolumeScene } from './VolumeScene';
import { listenToOrbit, type OrbitInput } from './volumeInput';
import { drawing3d } from './webgl';

export type VolumeTile = Exclude<Tile, { kind: 'slice' }>;

/** Samples of the rendered image; the memory it takes on the GPU is twice to four times as many bytes. */
const samplesFor = { draft: 1 << 20, balanced: 1 << 23, fine: 1 << 25 } as const;

/** Everything the content depends on; a camera move is not among it. */
const contentKey = ({ subject, sources, hidden, structures, rendering, quality, showLabels }: RoomState, tile: VolumeTile) =>
  JSON.stringify([
    subject.id,
    tile.kind,
    tile.sources.map((id) => sources.find((source) => source.id === id)?.file),
    [...hidden],
    structures.map(({ index, colour }) => [index, colour]),
    [rendering, quality, showLabels],
  ]);

async function contentFor(state: RoomState, tile: VolumeTile): Promise<VolumeContent> {
  const { subject, rendering } = state;
  const { grid } = subject;
  const fileOf = (id: string | undefined) => state.sources.find((source) => source.id === id)?.file;
  const [mask, reference] = tile.sources.map(fileOf);
  const channel = renderedChannel(subject, rendering);
  const { file, dtype, statistics } = subject.channels[channel ?? 0] ?? {};
  const image =
    channel === null || rendering === 'Surfaces only'
      ? null
      : askSurfaces('shrink', { image: stored(file), dtype, grid, mostSamples: samplesFor[state.quality] }).then((shrunk) => ({
          shrunk,
          transfer: transferFunctionOf(rendering, statistics),
        }));
  const measured =
    tile.kind === 'distance' && mask && reference
      ? askSurfaces('distances', { mask: stored(mask), reference: stored(reference), grid })
      : null;
  const plain = !measured && mask ? askSurfaces('surfaces', { mask: stored(mask), grid }) : null;
  const [shownImage, distances, surfaces] = await Promise.all([image, measured, plain]);
  const all = distances?.surfaces ?? surfaces ?? [];
  return {
    grid,
    image: shownImage,
    surfaces: state.showLabels ? all.filter(({ structure }) => !state.hidden.has(structure)) : [],
    range: distances?.range ?? null,
    colourOf: (structure) => state.structures.find(({ index }) => index === structure)?.colour ?? '#9aa5b6',
  };
}

type Shown = { state: 'building' | 'shown' } | { state: 'failed'; problem: string };

export function VolumeView({ tile, room }: { tile: VolumeTile; room: Room }) {
  const host = useRef<HTMLDivElement>(null);
  const scene = useRef<VolumeScene | null>(null);
  const input = useRef<OrbitInput | null>(null);
  const [shown, setShown] = useState<Shown>({ state: 'building' });
  const [content, setContent] = useState<{ of: Case['id']; made: VolumeContent } | null>(null);
  const key = useStore(room, (state) => contentKey(state, tile));
  const subject = useStore(room, (state) => state.subject.id);
  const voxels = useStore(room, (state) => state.voxels);
  const canDraw = drawing3d() !== 'none';
  // The body of the case before must not stand under this one's name.
  const current = content?.of === subject ? content.made : null;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the state the content is made from
  useEffect(() => {
    if (!canDraw || !voxels) return;
    let isCurrent = true;
    const subject = room.get().subject.id;
    setShown({ state: 'building' });
    const build = async () => {
      await voxels.settled();
      return Promise.all([contentFor(room.get(), tile), import('./VolumeScene')]);
    };
    build().then(
      ([next, { createVolumeScene }]) => {
        if (!isCurrent) return;
        scene.current ??= createVolumeScene(host.current!.querySelector<HTMLElement>('.canvas3d')!);
        scene.current.show(next);
        input.current?.redraw();
        setContent({ of: subject, made: next });
        setShown({ state: 'shown' });
      },
      (error: unknown) => isCurrent && setShown({ state: 'failed', problem: error instanceof Error ? error.message : String(error) }),
    );
    return () => {
      isCurrent = false;
    };
  }, [room, voxels, key, tile.id, canDraw]);

  const preview = useStore(room, (state) => (state.showLabels ? state.prompting.shown : null));
  const previewColour = useStore(
    room,
    ({ structures, prompting }) => structures.find(({ index }) => index === prompting.structure)?.colour,
  );
  useEffect(() => {
    if (shown.state !== 'shown') return;
    let isCurrent = true;
    const show = (surfaces: StructureSurface[]) => {
      if (!isCurrent) return;
      scene.current?.showPreview(surfaces, previewColour ?? '#9aa5b6');
      input.current?.redraw();
    };
    if (!preview?.file) show([]);
    else {
      // The slices show the mask at once; a surface that cannot be built takes nothing away.
      askSurfaces('surfaces', { mask: stored(preview.file), grid: gridOfBox(room.get().subject.grid, preview.box) }).then(show, () =>
        show([]),
      );
    }
    return () => {
      isCurrent = false;
    };
  }, [room, preview, previewColour, shown.state]);

  useEffect(() => {
    const listening = listenToOrbit(host.current!, room, tile.id, () => scene.current);
    input.current = listening;
    return () => listening.dispose();
  }, [room, tile.id]);
  useEffect(
    () => () => {
      scene.current?.dispose();
      scene.current = null;
    },
    [],
  );
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the view is turned by keyboard */}
      <div ref={host} className="view volume" role="img" tabIndex={0} aria-label={`${tile.caption}, in 3D`} data-view={tile.id}>
        <div className="canvas3d" hidden={!current} />
        <Caption room={room} tile={tile} />
        {!canDraw && <p className="view-note">This browser offers no WebGL 2, so there is no 3D view. The slices show everything.</p>}
        {canDraw && shown.state === 'building' && (
          <p className="view-note" aria-busy="true">
            Building surfaces…
          </p>
        )}
        {shown.state === 'failed' && (
          <p className="view-note" role="alert">
            The 3D view could not be built: {shown.problem}.
          </p>
        )}
        {canDraw && current && <Compass room={room} view={tile.id} />}
      </div>
      {/* Beside the view, not in it: its menus keep their own clicks and keys. */}
      <div className="view-foot">{current && current.range !== null ? <Legend range={current.range} /> : <VolumeMenus room={room} />}</div>
    </>
  );
}

function Legend({ range }: { range: number }) {
  return (
    <span
      className="distance-legend"
      role="img"
      aria-label={`Blue: up to ${range} mm inside the reference. Red: up to ${range} mm outside.`}
    >
      −{range} mm <i /> +{range} mm
    </span>
  );
}
