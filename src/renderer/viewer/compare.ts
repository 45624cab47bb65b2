/** Keeps the room's strips of differences up to date: every source against the reference, worked out off the page's thread. */
import { bands } from './differences';
import { referenceOf } from './layouts';
import type { Room } from './roomState';
import { askSurfaces, stored } from './surfaces/client';

/** Starts now and whenever case, sources or hidden structures change. Returns how to stop. */
export function keepDifferences(room: Room): () => void {
  let asked = '';
  let isStopped = false;
  const ask = async () => {
    const { subject, sources, hidden, voxels } = room.get();
    if (!voxels) return;
    const reference = referenceOf(sources);
    const others = reference ? sources.filter(({ kind }) => kind !== 'reference') : [];
    const key = JSON.stringify([subject.id, sources, [...hidden]]);
    if (key === asked) return;
    asked = key;
    await voxels.settled();
    if (key !== asked || isStopped) return;
    for (const source of others) {
      askSurfaces('differences', {
        mask: stored(source.file),
        reference: stored(reference!.file),
        grid: subject.grid,
        hidden: [...hidden],
      }).then(
        (axes) => {
          if (key === asked && !isStopped) room.set({ differences: { ...room.get().differences, [source.id]: axes.map(bands) } });
        },
        // The strip is a help to navigation: when a mask cannot be read, the views say so themselves.
        () => {},
      );
    }
  };
  void ask();
  const stop = room.listen(() => void ask());
  return () => {
    isStopped = true;
    stop();
  };
}
