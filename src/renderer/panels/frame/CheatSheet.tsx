/** Keys of the workbench, on `?`. */
import { Sheet } from '../../ui/Sheet';
import { roomKeys } from '../../viewer/roomKeys';

const groups: readonly { title: string; keys: readonly (readonly [does: string, keys: string])[] }[] = [
  {
    title: 'Everywhere',
    keys: [
      ['This sheet', '?'],
      ['Go to a panel', 'Alt + 1 … 8'],
      ['Next, previous control', 'Tab, Shift + Tab'],
      ['Close a dialog', 'Esc'],
    ],
  },
  {
    title: 'Lists',
    keys: [
      ['Next, previous', '↓ ↑'],
      ['First, last', 'Home, End'],
      ['Search the cases', '/'],
    ],
  },
  {
    title: 'Mouse in a slice',
    keys: [
      ['Next, previous slice', 'wheel'],
      ['Crosshair in all views', 'click, drag'],
      ['Crosshair follows', 'Shift + move'],
      ['Zoom', 'Ctrl + wheel, right drag'],
      ['Pan', 'middle drag, Space + drag'],
      ['One view alone, and back', 'double click'],
    ],
  },
  { title: 'Keys in the room', keys: roomKeys.map(({ does, says }) => [does, says] as const) },
];

export function CheatSheet({ onClose }: { onClose: () => void }) {
  return (
    <Sheet title="Keys" onClose={onClose}>
      <div className="shortcuts">
        {groups.map(({ title, keys }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(([does, press]) => (
                <div key={does} style={{ display: 'contents' }}>
                  <dt>{does}</dt>
                  <dd>
                    <kbd>{press}</kbd>
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Sheet>
  );
}
