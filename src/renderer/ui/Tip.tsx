/** A short explanation on hover and on keyboard focus, also over buttons that cannot be pressed. */
import { Tooltip } from 'radix-ui';
import type { ReactNode } from 'react';

export function Tip({ says, children }: { says: string; children: ReactNode }) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>
        <span className="tipped">{children}</span>
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content className="tooltip" sideOffset={4} collisionPadding={8}>
          {says}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
