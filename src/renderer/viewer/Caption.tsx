/** Top left of every view: whose masks are drawn, each with a piece of its line, and what the view is. */
import type { Tile } from './layouts';
import type { Room } from './roomState';
import { lineStyles, type MaskSource } from './sources';
import { useStore } from './store';

export function Caption({ room, tile }: { room: Room; tile: Tile }) {
  const sources = useStore(room, (state) => state.sources);
  // A distance view is drawn from the compared mask; the reference has no line in it.
  const ids = tile.kind === 'distance' ? tile.sources.slice(0, 1) : tile.sources;
  return (
    <div className="view-caption">
      {ids.flatMap((id) => {
        const source = sources.find((each) => each.id === id);
        return source ? [<LineSample key={id} kind={source.kind} />] : [];
      })}
      <b>{tile.caption}</b>
    </div>
  );
}

/** A piece of the line that a source is drawn with. */
export function LineSample({ kind }: { kind: MaskSource['kind'] }) {
  const { token, dash, words } = lineStyles[kind];
  const isDotted = dash.length > 0 && dash[0] < 1;
  const style = { stroke: `var(${token})`, strokeDasharray: dash.join(' ') || 'none', strokeLinecap: isDotted ? 'round' : 'butt' } as const;
  return (
    <svg className="line-sample" viewBox="0 0 20 6" role="img" aria-label={words}>
      <line x1={1} x2={19} y1={3} y2={3} style={style} />
    </svg>
  );
}
