/** Scrubs through how student and teachers saw a case as a run went on. Absent where no run looked at it. */
import './timeline.css';
import type { RunId, Structure } from '../../../shared/domain';
import { whole } from '../../ui/numbers';
import { Segmented } from '../../ui/Segmented';
import { AcceptMoment } from './AcceptMoment';
import { type Moments, momentChoice } from './moments';

interface TimelineProps {
  moments: Moments;
  structures: Structure[];
  /** Index of the structure somebody came to see, or null. */
  structure: number | null;
}

export function Timeline({ moments: { runs, ofRun, shown }, structures, structure }: TimelineProps) {
  const run = ofRun[0].run;
  const at = shown ? ofRun.findIndex(({ step }) => step === shown.step) : ofRun.length - 1;
  const show = (of: RunId, step: number | null) => momentChoice.set({ run: of, step });
  return (
    <section className="timeline" aria-label="Moments of a run">
      <Segmented
        label="Masks shown"
        value={shown ? 'moments' : 'models'}
        options={[
          { value: 'models', label: 'Models', title: 'The masks of finished students' },
          { value: 'moments', label: 'Moments', title: 'How the student and its teachers saw this case as a run went on' },
        ]}
        onChange={(value) => (value === 'models' ? momentChoice.set(null) : show(run, null))}
      />
      {shown && (
        <>
          <select className="input" aria-label="Run" value={run} onChange={(event) => show(event.target.value as RunId, null)}>
            {runs.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
          <input
            type="range"
            aria-label="Moment"
            aria-valuetext={`step ${shown.step}`}
            min={0}
            max={ofRun.length - 1}
            step={1}
            value={at}
            disabled={ofRun.length < 2}
            onChange={(event) => show(run, ofRun[Number(event.target.value)].step)}
          />
          <output>
            Step {whole(shown.step)}{' '}
            <span className="caption">
              moment {at + 1} of {ofRun.length}
            </span>
          </output>
          <AcceptMoment key={`${shown.case} ${structure}`} moment={shown} structures={structures} structure={structure} />
        </>
      )}
    </section>
  );
}
