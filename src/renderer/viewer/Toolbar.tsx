/** The room's toolbar: arrangement, how masks are drawn, fusion, windows and tools. Decides nothing itself. */
import { comparedOf } from './layouts';
import { Menu } from './Menu';
import type { Prompting } from './prompting/prompting';
import { activeChannel, type Room, setWindow } from './roomState';
import { useStore } from './store';
import { presetsFor, windowText } from './windows';

export function Choice<Value extends string>(props: {
  label: string;
  value: Value;
  options: readonly { value: Value; text: string; title?: string }[];
  onChoose(value: Value): void;
}) {
  return (
    <fieldset className="room-segments" aria-label={props.label}>
      {props.options.map(({ value, text, title }) => (
        <button key={value} type="button" aria-pressed={value === props.value} title={title} onClick={() => props.onChoose(value)}>
          {text}
        </button>
      ))}
    </fieldset>
  );
}

/** @param prompting  Null where no teacher can be prompted. */
export function Toolbar({ room, prompting, onReset }: { room: Room; prompting: Prompting | null; onReset(): void }) {
  const state = useStore(room, (all) => all);
  const { subject, sources, over, fusion } = state;
  // Side by side, only what is measured against the reference can be chosen.
  const choosable = sources.filter(({ kind }) => state.layout === 'slices' || kind !== 'reference');
  return (
    <div className="room-toolbar" role="toolbar" aria-label="Viewing">
      {sources.length > 1 && (
        <Choice
          label="Arrangement"
          value={state.layout}
          options={[
            { value: 'compare', text: 'Compare', title: 'Sources side by side' },
            { value: 'slices', text: 'Slices', title: 'Three planes and 3D of one source' },
          ]}
          onChoose={(layout) => room.set({ layout, maximised: null })}
        />
      )}
      {sources.length > 0 && (
        <Choice
          label="Masks drawn as"
          value={state.drawing}
          options={[
            { value: 'outline', text: 'Outline' },
            { value: 'fill', text: 'Fill' },
          ]}
          onChoose={(drawing) => room.set({ drawing })}
        />
      )}
      {over !== null && (
        <label className="fusion">
          {nameOf(state, state.base)}
          <input
            type="range"
            min={0}
            max={100}
            step={1}
            value={Math.round(fusion * 100)}
            aria-label={`Blend of ${nameOf(state, state.base)} and ${nameOf(state, over)}`}
            aria-valuetext={`${nameOf(state, over)} ${Math.round(fusion * 100)} percent`}
            onChange={(event) => room.set({ fusion: Number(event.target.value) / 100 })}
            onDoubleClick={() => room.set({ fusion: 0.35 })}
          />
          <span className="figure">
            {nameOf(state, over)} {Math.round(fusion * 100)} %
          </span>
        </label>
      )}
      {subject.channels.length > 0 && <WindowMenu room={room} />}
      <button
        type="button"
        aria-pressed={state.tool === 'window'}
        title="Drag over an image sideways for the window's width, up and down for its level"
        onClick={() => {
          prompting?.take('off');
          room.set({ tool: state.tool === 'window' ? 'navigate' : 'window' });
        }}
      >
        Window
      </button>
      {prompting && (
        <button
          type="button"
          aria-pressed={state.prompting.mode !== 'off'}
          title="Point at a structure and let a teacher outline it (P, B for a box)"
          onClick={() => prompting.take(state.prompting.mode === 'off' ? 'point' : 'off')}
        >
          Prompt
        </button>
      )}
      <button
        type="button"
        aria-pressed={state.linked}
        title="Views of a plane and cameras move together"
        onClick={() => room.set({ linked: !state.linked, cameras: {}, slices: {} })}
      >
        Linked
      </button>
      {choosable.length > 1 && (
        <Menu label="Source looked at closely" value={comparedOrChosen(state)} onChoose={(chosen) => room.set({ chosen })}>
          {choosable.map(({ id, caption }) => (
            <option key={id} value={id}>
              {caption}
            </option>
          ))}
        </Menu>
      )}
      <span className="spring" />
      <button type="button" title="Fit all views, opening windows (R)" onClick={onReset}>
        Reset
      </button>
    </div>
  );
}

type State = ReturnType<Room['get']>;
export const nameOf = ({ subject: { channels } }: Pick<State, 'subject'>, position: number): string => {
  const { modality } = channels[position];
  const isOne = channels.filter((channel) => channel.modality === modality).length === 1;
  return modality === 'other' || !isOne ? `Channel ${position + 1}` : modality;
};
const comparedOrChosen = ({ sources, chosen, layout }: State): string => {
  if (layout === 'slices' && sources.some(({ id }) => id === chosen)) return chosen!;
  return comparedOf(sources, chosen)?.id ?? '';
};

/** Preset windows of the channel that is mostly on screen; a window set by hand shows as its own entry. */
function WindowMenu({ room }: { room: Room }) {
  const state = useStore(room, (all) => all);
  const channel = activeChannel(state);
  const { unit } = state.subject.channels[channel];
  const presets = presetsFor(state.subject.channels[channel]);
  const window = state.windows[channel];
  const current = presets.find((preset) => preset.window.low === window.low && preset.window.high === window.high);
  return (
    <Menu
      label={`Window of ${nameOf(state, channel)}`}
      title={`Window of ${nameOf(state, channel)}: Shift+1…5, or drag with the Window tool`}
      value={current?.name ?? ''}
      onChoose={(name) => setWindow(room, channel, presets.find((preset) => preset.name === name)!.window)}
    >
      {!current && <option value="">{windowText(window, unit)}</option>}
      {presets.map((preset) => (
        <option key={preset.name} value={preset.name}>
          {unit === 'SUV' ? preset.name : `${preset.name} ${windowText(preset.window, unit)}`}
        </option>
      ))}
    </Menu>
  );
}
