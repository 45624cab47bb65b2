/** What is measured about a case: facts, structures with agreement and volumes, largest differences first. */
import './inspector.css';
import type { Case, Structure } from '../../../shared/domain';
import { CaseHead } from './CaseHead';
import { Differences } from './Differences';
import { SourceChoice } from './SourceChoice';
import { StructureTable } from './StructureTable';
import type { Sources } from './useSources';

export interface InspectorProps {
  subject: Case;
  structures: Structure[];
  /** Undefined while it is loading. */
  sources: Sources | undefined;
  hidden: ReadonlySet<number>;
  onHide: (hidden: ReadonlySet<number>) => void;
  /** Goes to where the masks differ most about a structure. */
  onLook: (structure: number) => void;
}

export function Inspector({ subject, structures, sources, hidden, onHide, onLook }: InspectorProps) {
  return (
    <aside className="inspector" aria-label="Inspector">
      <CaseHead subject={subject} />
      {sources ? <SourceChoice subject={subject} sources={sources} /> : <p className="empty">Loading masks…</p>}
      <StructureTable subject={subject} structures={structures} sources={sources} hidden={hidden} onHide={onHide} onLook={onLook} />
      {sources && <Differences subject={subject} structures={structures} sources={sources} onLook={onLook} />}
    </aside>
  );
}
