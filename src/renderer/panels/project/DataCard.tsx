/** What goes in and out: import, and export of images and masks. */
import { useState } from 'react';
import { ImportButton } from '../cases/ImportButton';
import { ExportVolumesSheet } from './ExportVolumesSheet';

export function DataCard() {
  const [exports, setExports] = useState(false);
  return (
    <section className="card" aria-label="In and out">
      <header>
        <h2>In and out</h2>
        <p>originals are kept untouched; exports go back to their grid</p>
      </header>
      <div className="row wrap">
        <ImportButton />
        <button type="button" className="button" onClick={() => setExports(true)}>
          Export images or masks…
        </button>
      </div>
      {exports && <ExportVolumesSheet onClose={() => setExports(false)} />}
    </section>
  );
}
