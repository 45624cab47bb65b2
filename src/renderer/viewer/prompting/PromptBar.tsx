/** Beneath the room's toolbar while prompting: teacher, structure, how to point, how it stands, and what to do with the mask. Decides nothing itself. */
import { useEffect, useState } from 'react';
import type { PromptStage } from '../../../shared/prompts';
import { ProgressBar } from '../../ui/ProgressBar';
import { readable } from '../../ui/words';
import { Menu } from '../Menu';
import type { Room } from '../roomState';
import { useStore } from '../store';
import { Choice, nameOf } from '../Toolbar';
import type { Prompting } from './prompting';
import { canAccept, canRedo, canUndo } from './promptState';
import { cautionsOf, standingOf } from './promptWords';
import type { PromptTeacher } from './service';
import { bySuit } from './teacherChoice';
import './prompting.css';

interface PromptBarProps {
  room: Room;
  prompting: Prompting;
  teachers: readonly PromptTeacher[];
}

export function PromptBar({ room, prompting, teachers }: PromptBarProps) {
  const mode = useStore(room, (state) => state.prompting.mode);
  if (mode === 'off') return null;
  return (
    <section className="prompt-bar" aria-label="Prompting">
      <Choices room={room} prompting={prompting} teachers={teachers} />
      <Outcome room={room} prompting={prompting} teachers={teachers} />
    </section>
  );
}

function Choices({ room, prompting, teachers }: PromptBarProps) {
  const state = useStore(room, (all) => all);
  const { mode, isPositive, teacher, channel, structure, refine } = state.prompting;
  const { suiting, others } = bySuit(teachers, state.subject.channels[channel]?.modality);
  const chosen = state.structures.find(({ index }) => index === structure);
  const chooseTeacher = (id: string) => {
    const found = teachers.find((each) => each.id === id);
    if (found) prompting.tell({ is: 'teacher', teacher: { id: found.id, axes: found.axes } });
  };
  return (
    <div className="prompt-row">
      <Choice
        label="Prompt with"
        value={mode}
        options={[
          { value: 'point', text: 'Points', title: 'A click in a slice sets a point (P)' },
          { value: 'box', text: 'Box', title: 'A drag over a slice draws a box (B); only teachers of slices understand it' },
        ]}
        onChoose={(next) => prompting.tell({ is: 'mode', mode: next })}
      />
      <Choice
        label="The next point"
        value={isPositive ? 'adds' : 'leaves out'}
        options={[
          { value: 'adds', text: '+ Inside', title: 'The next point lies in the structure (T changes, Shift inverts)' },
          { value: 'leaves out', text: '− Outside', title: 'The next point lies beside the structure (T changes, Shift inverts)' },
        ]}
        onChoose={(next) => prompting.tell({ is: 'polarity', isPositive: next === 'adds' })}
      />
      <span className="prompt-structure">
        <i style={{ background: chosen?.colour }} />
        <Menu
          label="Structure"
          value={String(structure ?? '')}
          onChoose={(index) => prompting.tell({ is: 'structure', structure: Number(index) })}
        >
          {!chosen && <option value="">No structure</option>}
          {state.structures.map(({ index, name }) => (
            <option key={index} value={index}>
              {readable(name)}
            </option>
          ))}
        </Menu>
      </span>
      <span className="prompt-teacher">
        <Menu label="Teacher" title="Who is prompted" value={teacher?.id ?? ''} onChoose={chooseTeacher}>
          {!teachers.some(({ id }) => id === teacher?.id) && <option value="">No teacher</option>}
          {suiting.length > 0 && <Teachers label={`Suit ${nameOf(state, channel)}`} teachers={suiting} />}
          {others.length > 0 && <Teachers label="Made for other images" teachers={others} />}
        </Menu>
      </span>
      {state.subject.channels.length > 1 && (
        <Menu
          label="Channel the teacher looks at"
          value={String(channel)}
          onChoose={(position) => prompting.tell({ is: 'channel', channel: Number(position) })}
        >
          {state.subject.channels.map(({ position }) => (
            <option key={position} value={position}>
              on {nameOf(state, position)}
            </option>
          ))}
        </Menu>
      )}
      <label className="prompt-refine" title="The mask on the screen is part of the next prompt; without it, every prompt begins afresh">
        <input type="checkbox" checked={refine} onChange={(event) => prompting.tell({ is: 'refine', refine: event.target.checked })} />
        Refine
      </label>
    </div>
  );
}

function Teachers({ label, teachers }: { label: string; teachers: readonly PromptTeacher[] }) {
  return (
    <optgroup label={label}>
      {teachers.map(({ id, name, hindrance }) => (
        <option key={id} value={id} disabled={hindrance !== null} title={hindrance ?? undefined}>
          {hindrance === null ? name : `${name} (not ready)`}
        </option>
      ))}
    </optgroup>
  );
}

function Outcome({ room, prompting, teachers }: PromptBarProps) {
  const { prompting: state, structures, subject } = useStore(room, (all) => all);
  const waited = useWaited(state.asking, state.progress?.stage);
  const structure = structures.find(({ index }) => index === state.structure);
  const standing = standingOf(state, structure ? readable(structure.name) : null, subject.grid, waited);
  const teacher = teachers.find(({ id }) => id === state.teacher?.id);
  const usable = teachers.some(({ hindrance }) => hindrance === null);
  const blocked = blockedBy(teachers, usable, structures.length);
  const cautions = cautionsOf(state, teacher, subject.channels[state.channel]?.modality);
  return (
    <div className="prompt-row">
      <p
        className="prompt-standing"
        data-tone={blocked ? 'bad' : standing.tone}
        role={standing.tone === 'bad' ? 'alert' : 'status'}
        title={blocked ?? standing.detail}
      >
        {standing.tone === 'busy' && <span className="spinner" />}
        <span className="prompt-sentence">{blocked ?? standing.text}</span>
        {standing.fraction !== undefined && <ProgressBar fraction={standing.fraction} label="How far the teacher is" />}
        {standing.tone === 'bad' && !blocked && (
          <button type="button" onClick={() => prompting.tell({ is: 'again' })}>
            Try again
          </button>
        )}
      </p>
      <Choice
        label="What accepting does"
        value={state.how}
        options={[
          { value: 'replace', text: 'Replace', title: 'The structure becomes the mask, as far as the teacher looked' },
          { value: 'add', text: 'Add', title: 'The structure gains the mask' },
          { value: 'subtract', text: 'Subtract', title: 'The structure loses the mask' },
        ]}
        onChoose={(how) => prompting.tell({ is: 'how', how })}
      />
      <button
        type="button"
        disabled={!canUndo(state)}
        title="Take back a prompt or an accepted mask (Ctrl Z)"
        onClick={() => prompting.tell({ is: 'undo' })}
      >
        Undo
      </button>
      <button type="button" disabled={!canRedo(state)} title="Ctrl Shift Z, Ctrl Y" onClick={() => prompting.tell({ is: 'redo' })}>
        Redo
      </button>
      <button
        type="button"
        title={state.asking === null ? 'Drop the prompts, then leave the tool (Esc)' : 'Stop the teacher and drop the prompts (Esc)'}
        onClick={() => prompting.tell({ is: 'cancel' })}
      >
        {state.asking === null ? 'Cancel' : 'Stop'}
      </button>
      <button
        type="button"
        className="prompt-accept"
        disabled={!canAccept(state)}
        title="Write the mask into the case’s label (Enter)"
        onClick={() => prompting.tell({ is: 'accept' })}
      >
        Accept
      </button>
      {cautions.map((caution) => (
        <p key={caution} className="prompt-caution">
          {caution}
        </p>
      ))}
    </div>
  );
}

/** Why nothing can be prompted at all, or null. */
function blockedBy(teachers: readonly PromptTeacher[], usable: boolean, structures: number): string | null {
  if (teachers.length === 0) return 'No teacher here takes prompts yet. Bring one in under Teachers.';
  if (!usable) return teachers[0].hindrance;
  if (structures === 0) return 'There are no structures yet. A data set that comes with labels brings its structures along.';
  return null;
}

/** Seconds since the question was asked or came to its present stage, counted while it is under way. */
function useWaited(asking: number | null, stage: PromptStage | undefined): number {
  const [waited, setWaited] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: every stage is counted from its own beginning
  useEffect(() => {
    setWaited(0);
    if (asking === null) return;
    const started = performance.now();
    const timer = setInterval(() => setWaited((performance.now() - started) / 1000), 500);
    return () => clearInterval(timer);
  }, [asking, stage]);
  return waited;
}
