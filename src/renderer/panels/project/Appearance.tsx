/** Theme and size of the interface. */
import { type Preferences, scales, setPreferences, usePreferences } from '../../preferences';
import { Segmented } from '../../ui/Segmented';

export function Appearance() {
  const { theme, scale } = usePreferences();
  return (
    <section className="card" aria-label="Appearance">
      <header>
        <h2>Appearance</h2>
        <p>images keep their dark ground in both themes</p>
      </header>
      <Segmented
        label="Theme"
        value={theme}
        options={[
          { value: 'dark', label: 'Dark' },
          { value: 'light', label: 'Light' },
        ]}
        onChange={(next: Preferences['theme']) => setPreferences({ theme: next })}
      />
      <label className="row">
        Size of the interface
        <select
          className="input"
          style={{ width: 'auto' }}
          value={scale}
          onChange={(event) => setPreferences({ scale: event.target.value === 'auto' ? 'auto' : Number(event.target.value) })}
        >
          <option value="auto">follows the screen</option>
          {scales.map((percent) => (
            <option key={percent} value={percent}>
              {percent} %
            </option>
          ))}
        </select>
      </label>
    </section>
  );
}
