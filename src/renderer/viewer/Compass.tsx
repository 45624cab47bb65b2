/** The body's directions as the camera of a 3D view sees them: letters on a small cross that turns with it. */
import { compass } from './orbit';
import { orbitOf, type Room } from './roomState';
import { useStore } from './store';

export function Compass({ room, view }: { room: Room; view: string }) {
  const orbit = useStore(room, (state) => orbitOf(state, view));
  return (
    <svg className="compass" viewBox="-34 -34 68 68" aria-hidden="true">
      {compass(orbit).map(({ letter, x, y, depth }) => (
        <g key={letter} opacity={0.35 + 0.65 * ((depth + 1) / 2)}>
          <line x1={0} y1={0} x2={x * 17} y2={-y * 17} />
          <text x={x * 25} y={-y * 25} textAnchor="middle" dominantBaseline="central">
            {letter}
          </text>
        </g>
      ))}
    </svg>
  );
}
