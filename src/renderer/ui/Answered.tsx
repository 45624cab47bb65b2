/** The states every panel shares: loading, failed with a way to try again, and what to draw when the answer is there. */
import type { ReactNode } from 'react';
import type { Answer } from '../answers';
import { Icon } from './icons';

interface AnsweredProps<T> {
  answer: Answer<T>;
  /** What is loaded, as it reads in "Loading …". */
  what: string;
  children: (data: T) => ReactNode;
}

export function Answered<T>({ answer: { data, error, again }, what, children }: AnsweredProps<T>) {
  if (data === undefined && !error) {
    return (
      <p className="empty" aria-busy="true">
        <span className="row">
          <span className="spinner" /> Loading {what}…
        </span>
      </p>
    );
  }
  return (
    <>
      {error && (
        <div className="message" data-tone="bad" role="alert">
          <Icon name="caution" />
          <p className="grow">{error.message}</p>
          <button type="button" className="button" data-size="small" onClick={again}>
            Try again
          </button>
        </div>
      )}
      {data !== undefined && children(data)}
    </>
  );
}
