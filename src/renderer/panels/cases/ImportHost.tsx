/** The import dialog of the window: opened by its buttons, and by files dropped anywhere. */
import { useEffect } from 'react';
import { ImportSheet } from './ImportSheet';
import { closeImport, droppedPaths, openImport, useImport } from './importing';

export function ImportHost() {
  const paths = useImport();
  useEffect(() => {
    const over = (event: DragEvent) => event.preventDefault();
    const drop = (event: DragEvent) => {
      event.preventDefault();
      if (event.dataTransfer?.files.length) openImport(droppedPaths(event.dataTransfer.files));
    };
    window.addEventListener('dragover', over);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragover', over);
      window.removeEventListener('drop', drop);
    };
  }, []);
  return paths && <ImportSheet key={paths.join('\n')} initial={paths} onClose={closeImport} />;
}
