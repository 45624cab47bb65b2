/** Format 2: scores of predictions, and an event log that can only grow. */
export const evaluations = `
-- One evaluation: a model against the reference labels of a set of cases.
CREATE TABLE evaluations (
  id        TEXT PRIMARY KEY,
  model     TEXT NOT NULL REFERENCES models (id),
  createdAt TEXT NOT NULL
) STRICT;
CREATE INDEX evaluationsByModel ON evaluations (model, createdAt);

CREATE TABLE scores (
  evaluation  TEXT NOT NULL REFERENCES evaluations (id),
  prediction  TEXT NOT NULL REFERENCES predictions (id),
  label       TEXT NOT NULL REFERENCES labels (id),
  structure   INTEGER NOT NULL REFERENCES structures (value),
  dice        REAL NOT NULL,
  hd95Mm      REAL,
  assdMm      REAL,
  surfaceDice REAL,
  toleranceMm REAL NOT NULL,
  volumeMl    REAL NOT NULL,
  referenceMl REAL NOT NULL,
  note        TEXT CHECK (note IN ('both empty', 'prediction empty', 'reference empty')),
  PRIMARY KEY (evaluation, prediction, structure)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  at       TEXT NOT NULL,
  kind     TEXT NOT NULL,
  sentence TEXT NOT NULL
) STRICT;
CREATE TRIGGER eventsAreNeverChanged BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER eventsAreNeverRemoved BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
`;
