/** What stands where a list would be: what fills it, and the button that does. */
import type { ReactNode } from 'react';

export function EmptyState({ title, children, actions }: { title: string; children: ReactNode; actions?: ReactNode }) {
  return (
    <div className="empty">
      <strong>{title}</strong>
      <p>{children}</p>
      {actions && <div className="row">{actions}</div>}
    </div>
  );
}
