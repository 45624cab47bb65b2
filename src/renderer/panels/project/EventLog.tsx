/** The project's append-only log, newest first. */
import { useAnswer } from '../../answers';
import { Answered } from '../../ui/Answered';
import { moment } from '../../ui/numbers';

export function EventLog() {
  const log = useAnswer('project.log', {}, ['cases.changed', 'run.changed', 'evaluations.changed', 'models.changed']);
  return (
    <section className="card log" aria-label="Log">
      <header>
        <h2>Log</h2>
        <p>what happened in this project; lines are added, never changed</p>
      </header>
      <Answered answer={log} what="the log">
        {(entries) =>
          entries.length === 0 ? (
            <p className="quiet">Nothing has happened yet.</p>
          ) : (
            <ol>
              {[...entries]
                .sort((a, b) => b.id - a.id)
                .map(({ id, at, sentence }) => (
                  <li key={id}>
                    <time dateTime={at} className="caption">
                      {moment(at)}
                    </time>
                    <span>{sentence}</span>
                  </li>
                ))}
            </ol>
          )
        }
      </Answered>
    </section>
  );
}
