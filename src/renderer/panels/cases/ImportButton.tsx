/** Opens the import dialog; also when files are dropped anywhere on the page. */
import { useEffect, useState } from 'react';
import { Icon } from '../../ui/icons';
import { ImportSheet } from './ImportSheet';
import { droppedPaths } from './importing';

export function ImportButton({ size, kind }: { size?: 'wide'; kind?: 'primary' }) {
  const [paths, setPaths] = useState<string[] | null>(null);
  useDrops(setPaths);
  return (
    <>
      <button type="button" className="button" data-size={size} data-kind={kind} onClick={() => setPaths([])}>
        <Icon name="plus" /> Import studies…
      </button>
      {paths && <ImportSheet initial={paths} onClose={() => setPaths(null)} />}
    </>
  );
}

function useDrops(onPaths: (paths: string[]) => void): void {
  useEffect(() => {
    const over = (event: DragEvent) => event.preventDefault();
    const drop = (event: DragEvent) => {
      event.preventDefault();
      if (event.dataTransfer?.files.length) onPaths(droppedPaths(event.dataTransfer.files));
    };
    window.addEventListener('dragover', over);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragover', over);
      window.removeEventListener('drop', drop);
    };
  }, [onPaths]);
}
