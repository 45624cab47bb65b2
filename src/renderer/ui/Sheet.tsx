/** A modal dialog: the browser's own, so focus stays inside and Esc closes it. */
import { type ReactNode, useEffect, useRef } from 'react';
import { Icon } from './icons';

export function Sheet({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current!;
    if (!dialog.open) dialog.showModal();
    return () => dialog.close();
  }, []);
  return (
    // A click beside the dialog closes it; the keyboard has Esc for that.
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc is the keyboard's way, and the browser provides it
    <dialog
      ref={element}
      className="sheet"
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === element.current && onClose()}
    >
      <header>
        <h2>{title}</h2>
        <button type="button" className="button" data-kind="quiet" data-icon-only="" aria-label="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div className="stack">{children}</div>
    </dialog>
  );
}
