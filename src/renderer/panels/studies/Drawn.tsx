/** A drawing of a study on the screen. */
import type { Drawing, Point, Shape } from '../../../shared/studyDrawing';

export function Drawn({ drawing: { width, height, label, shapes } }: { drawing: Drawing }) {
  return (
    <svg className="study-drawing" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      {shapes.map((shape, at) => (
        // Shapes have no names, and their order is what they are.
        <Mark key={at} shape={shape} />
      ))}
    </svg>
  );
}

const pointsOf = (points: readonly Point[]): string => points.map((point) => point.join(',')).join(' ');

function Mark({ shape }: { shape: Shape }) {
  const className = `${shape.kind} ${shape.tone}`;
  switch (shape.kind) {
    case 'line':
      return <polyline className={className} points={pointsOf(shape.points)} />;
    case 'area':
      return <polygon className={className} points={pointsOf(shape.points)} />;
    case 'dot':
      return <circle className={className} cx={shape.at[0]} cy={shape.at[1]} r={4} />;
    case 'text':
      return (
        <text className={className} x={shape.at[0]} y={shape.at[1]} textAnchor={shape.anchor}>
          {shape.text}
        </text>
      );
  }
}
