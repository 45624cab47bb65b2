/** Keys and mouse of the room on one small sheet. */
import { useEffect, useRef } from 'react';
import { roomKeys } from './roomKeys';

const mouse = [
  ['Wheel', 'Next or previous slice'],
  ['Ctrl + wheel, right drag', 'Zoom about the pointer'],
  ['Middle drag, Space + drag', 'Pan'],
  ['Click or drag', 'Crosshair in all views'],
  ['Shift + move', 'Crosshair follows'],
  ['Double click', 'One view alone, and back'],
  ['1 · 3 · 7 on the keypad', '3D from the front, a side, above; Shift for the opposite'],
] as const;

export function CheatSheet({ onClose }: { onClose(): void }) {
  const sheet = useRef<HTMLDivElement>(null);
  useEffect(() => sheet.current?.focus(), []);
  return (
    <div
      ref={sheet}
      className="room-keys"
      role="dialog"
      aria-label="Keys and mouse"
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        onClose();
      }}
    >
      <dl>
        {[...mouse, ...roomKeys.map(({ says, does }) => [says, does] as const)].map(([says, does]) => (
          <div key={says}>
            <dt>{says}</dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <button type="button" onClick={onClose}>
        Close
      </button>
    </div>
  );
}
