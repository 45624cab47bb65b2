/** How the voxels are coming along: quiet while they arrive, a sentence and a way on when they cannot. */
import { useEffect, useState } from 'react';
import type { Room } from './roomState';
import { useStore } from './store';
import type { VoxelStream } from './voxelStream';

export function Progress({ room }: { room: Room }) {
  const voxels = useStore(room, (state) => state.voxels);
  const sources = useStore(room, (state) => state.sources);
  const channels = useStore(room, (state) => state.subject.channels);
  const [, redraw] = useState(0);
  useEffect(() => voxels?.listen(() => redraw((count) => count + 1)), [voxels]);
  if (channels.length === 0) return <p className="room-message">This case has no image yet. Import one to see it here.</p>;
  if (!voxels) return null;
  const streams: { what: string; stream: VoxelStream }[] = [
    ...voxels.channels.map((stream, position) => ({ what: channels[position]?.modality ?? 'Image', stream })),
    ...sources.flatMap(({ id, caption }) => {
      const stream = voxels.mask(id);
      return stream ? [{ what: caption, stream }] : [];
    }),
  ];
  const failed = streams.filter(({ stream }) => stream.state === 'failed');
  if (failed.length > 0) {
    return (
      <div className="room-message" role="alert">
        {failed.map(({ what, stream }) => (
          <p key={stream.file}>
            {what}: {stream.problem}
          </p>
        ))}
        <button
          type="button"
          onClick={() => {
            for (const { stream } of failed) stream.retry();
          }}
        >
          Try again
        </button>
      </div>
    );
  }
  const fraction = streams.reduce((sum, { stream }) => sum + stream.fraction, 0) / streams.length;
  if (fraction >= 1) return null;
  return <progress className="room-progress" value={fraction} aria-label="Loading voxels" />;
}
