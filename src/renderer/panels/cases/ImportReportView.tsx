/** What an import brought in, and each file it refused with the sentence that says why. */
import type { ImportReport } from '../../../shared/domain';
import { counted } from '../../ui/numbers';

export function ImportReportView({ report: { imported, refused } }: { report: ImportReport }) {
  const warned = imported.filter(({ warnings }) => warnings.length > 0);
  return (
    <>
      {refused.length > 0 && (
        <section className="stack" aria-label="Refused">
          <h3>{counted(refused.length, 'file')} refused</h3>
          <ul className="report">
            {refused.map(({ file, sentence }) => (
              <li key={file} className="message" data-tone="bad">
                {sentence}
              </li>
            ))}
          </ul>
        </section>
      )}
      {warned.length > 0 && (
        <section className="stack" aria-label="To know">
          <h3>To know</h3>
          <ul className="report">
            {warned.map(({ case: name, warnings }) => (
              <li key={name} className="message" data-tone="caution">
                {name}: {warnings.join(' ')}
              </li>
            ))}
          </ul>
        </section>
      )}
      {imported.length > 0 && (
        <section className="stack" aria-label="Imported">
          <h3>{counted(imported.length, 'case')} imported</h3>
          <ul className="report caption">
            {imported.map(({ case: name, channels, labelled }) => (
              <li key={name}>
                {name}: {counted(channels, 'channel')}, {labelled ? 'labelled' : 'no labels'}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
