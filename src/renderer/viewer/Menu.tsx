/** A small drop-down of the room. */
import type { ReactNode } from 'react';

export const Menu = (props: { label: string; value: string; onChoose(value: string): void; children: ReactNode; title?: string }) => (
  <select
    aria-label={props.label}
    title={props.title ?? props.label}
    value={props.value}
    onChange={(event) => props.onChoose(event.target.value)}
  >
    {props.children}
  </select>
);
