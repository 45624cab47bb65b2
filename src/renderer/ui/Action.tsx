/** A button that never looks dead: it shows when it works, and a failure becomes a sentence. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { tellFailure } from './noticeList';
import { Tip } from './Tip';

interface ActionProps {
  children: ReactNode;
  /** What it does. While the promise is open the button says so and cannot be pressed again; a rejection becomes a notice. */
  onAct: () => unknown;
  kind?: 'primary' | 'quiet' | 'danger';
  size?: 'small' | 'wide';
  /** Why it cannot be pressed now; absent when it can. */
  because?: string;
  /** Accessible name of a button that holds only an icon. */
  label?: string;
  isSubmit?: boolean;
}

export function Action({ children, onAct, kind, size, because, label, isSubmit }: ActionProps) {
  const [isBusy, setBusy] = useState(false);
  const isThere = useRef(true);
  useEffect(() => {
    isThere.current = true;
    return () => {
      isThere.current = false;
    };
  }, []);

  const act = async () => {
    setBusy(true);
    try {
      await onAct();
    } catch (failure) {
      tellFailure(failure);
    } finally {
      if (isThere.current) setBusy(false);
    }
  };

  const button = (
    <button
      type={isSubmit ? 'submit' : 'button'}
      className="button"
      data-kind={kind}
      data-size={size}
      data-icon-only={label === undefined ? undefined : ''}
      aria-label={label}
      aria-busy={isBusy}
      disabled={isBusy || because !== undefined}
      onClick={isSubmit ? undefined : act}
    >
      {isBusy && <span className="spinner" />}
      {!(isBusy && label) && children}
    </button>
  );
  const tip = because ?? label;
  return tip ? <Tip says={tip}>{button}</Tip> : button;
}
