/** The comparing room alone on a page, over made-up studies: for looking at it and for driving it in tests. */
import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import '@fontsource-variable/inter';
import '../../../src/renderer/ui/tokens.css';
import type { Convention } from '../../../src/renderer/viewer/planes';
import { type CursorReading, type MaskSource, Room } from '../../../src/renderer/viewer/Room';
import type { Case, Structure } from '../../../src/shared/domain';
import type { PointMm } from '../../../src/shared/geometry';
import { createMadeUpTeacher, type MadeUpTeacher } from './prompts';

interface Study {
  subject: Case;
  structures: Structure[];
  sources: MaskSource[];
}
declare global {
  interface Window {
    /** What tests may change and read. */
    harness: {
      show(name: string, sources?: number): Promise<void>;
      focus(mm: PointMm): void;
      hide(structures: number[]): void;
      face(convention: Convention): void;
      reading: CursorReading | null;
      teacher: MadeUpTeacher;
    };
  }
}

const load = async (name: string): Promise<Study> => (await fetch(`/study/${name}`)).json() as Promise<Study>;

const teacher = createMadeUpTeacher();
const withPrompts = new URLSearchParams(location.search).has('prompts');

function Page({ first, name: firstName }: { first: Study; name: string }) {
  const [study, setStudy] = useState(first);
  const [name, setName] = useState(firstName);
  const [count, setCount] = useState(Number(new URLSearchParams(location.search).get('sources') ?? 9));
  const [focus, setFocus] = useState<{ mm: PointMm } | null>(null);
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  const [convention, setConvention] = useState<Convention>('radiological');
  const [reading, setReading] = useState<CursorReading | null>(null);
  window.harness = {
    async show(next, sources = 9) {
      setStudy(await load(next));
      setName(next);
      setCount(sources);
    },
    focus: (mm) => setFocus({ mm }),
    hide: (structures) => setHidden(new Set(structures)),
    face: setConvention,
    reading,
    teacher,
  };
  return (
    <div id="frame">
      <div id="room">
        <Room
          subject={study.subject}
          structures={study.structures}
          sources={study.sources.slice(0, count)}
          hidden={hidden}
          convention={convention}
          onCursor={setReading}
          focus={focus}
          prompts={withPrompts ? teacher.serviceFor(study.subject) : null}
        />
      </div>
      <div id="reading" data-study={name}>
        {reading &&
          [
            reading.index.join(' '),
            ...reading.values.map(({ modality, unit, value }) => `${modality} ${value.toFixed(1)} ${unit}`),
            ...reading.structures.map(({ source, structure }) => `${source} ${structure}`),
          ].join(' · ')}
      </div>
    </div>
  );
}

const name = new URLSearchParams(location.search).get('study') ?? 'torso';
const study = await load(name);
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Page first={study} name={name} />
  </StrictMode>,
);
