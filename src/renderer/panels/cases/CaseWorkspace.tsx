/** One case: its room, and beside it the inspector that measures what the room shows. */
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { Case, Structure } from '../../../shared/domain';
import type { PointMm } from '../../../shared/geometry';
import type { Moment } from '../../../shared/ledger';
import { fetchBytes } from '../../api';
import { usePreferences } from '../../preferences';
import { tellFailure } from '../../ui/noticeList';
import { type MaskSource, Room } from '../../viewer/Room';
import { setCursor } from '../frame/cursor';
import { Inspector } from './Inspector';
import { placeToLook } from './measure';
import { type Moments, masksOfMoment, pairToCompare, useMoments } from './moments';
import { Timeline } from './Timeline';
import { usePrompts } from './usePrompts';
import { type Sources, useSources } from './useSources';

interface CaseWorkspaceProps {
  subject: Case;
  structures: Structure[];
  /** Index of a structure to go to at once, or null. */
  structure: number | null;
}

export function CaseWorkspace({ subject, structures, structure }: CaseWorkspaceProps) {
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  const { convention } = usePreferences();
  const sources = useSources(subject);
  const prompts = usePrompts(subject.id);
  const moments = useMoments(subject);
  const masks = moments?.shown ? masksShown(subject, moments, moments.shown, sources) : sources?.masks;
  const { focus, lookAt } = useFocus(subject, masks && pairToCompare(masks));
  useEffect(() => () => setCursor(null), []);
  useEffect(() => {
    if (structure !== null) lookAt(structure);
  }, [structure, lookAt]);
  return (
    <div className="workspace">
      <div className="room-place" data-theme="dark" data-timeline={moments ? '' : undefined}>
        <Room
          subject={subject}
          structures={structures}
          sources={masks ?? []}
          hidden={hidden}
          convention={convention}
          onCursor={setCursor}
          focus={focus}
          prompts={prompts}
        />
        {moments && <Timeline moments={moments} structures={structures} structure={structure} />}
      </div>
      <Inspector subject={subject} structures={structures} sources={sources} hidden={hidden} onHide={setHidden} onLook={lookAt} />
    </div>
  );
}

/** The masks of a moment, and those of the students that are compared, but for its own run's. */
function masksShown(subject: Case, { runs }: Moments, moment: Moment, sources: Sources | undefined): MaskSource[] {
  const others = [sources?.student, sources?.other].filter((one) => one?.prediction && one.model.run !== moment.run);
  const beside = (sources?.masks ?? []).filter(({ id }) => others.some((one) => one?.prediction?.id === id));
  return masksOfMoment(moment, subject, runs.find(({ id }) => id === moment.run)?.name ?? '', beside);
}

/** A point to go to, found in the masks: where the two differ most about a structure. */
function useFocus(subject: Case, masks: readonly (MaskSource | undefined)[] | undefined) {
  const [focus, setFocus] = useState<{ case: string; mm: PointMm } | null>(null);
  const [firstFile, secondFile] = [masks?.[0]?.file, masks?.[1]?.file];
  const lookAt = useCallback(
    (structure: number) => {
      if (!firstFile) return;
      const find = async () => {
        const [first, second] = await Promise.all([fetchBytes(firstFile), secondFile ? fetchBytes(secondFile) : null]);
        const mm = await placeToLook(subject.grid, structure, first, second);
        if (mm) setFocus({ case: subject.id, mm });
      };
      find().catch(tellFailure);
    },
    [subject, firstFile, secondFile],
  );
  // A point found for the case before must not move this one.
  const current = useMemo(() => (focus?.case === subject.id ? { mm: focus.mm } : null), [focus, subject.id]);
  return { focus: current, lookAt };
}
