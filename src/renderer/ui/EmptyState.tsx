/** What stands where a list would be: what fills it, and the button that does. */
import type { ReactNode } from 'react';

interface EmptyStateProps {
  title: string;
  children: ReactNode;
  actions?: ReactNode;
  /** True where it stands for a whole panel, in the middle of it. */
  isWhole?: boolean;
}

export function EmptyState({ title, children, actions, isWhole = false }: EmptyStateProps) {
  return (
    <div className="empty" data-whole={isWhole || undefined}>
      <strong>{title}</strong>
      <p>{children}</p>
      {actions && <div className="row">{actions}</div>}
    </div>
  );
}
