/** Format 9: studies, and which run and which scores belong to which of their students. */
export const studies = `
CREATE TABLE studies (
  id             TEXT PRIMARY KEY,
  number         INTEGER NOT NULL UNIQUE,
  name           TEXT NOT NULL UNIQUE,
  state          TEXT NOT NULL CHECK (state IN ('running', 'stopped', 'failed', 'done')),
  problem        TEXT,
  plan           TEXT NOT NULL CHECK (json_valid(plan)),
  configurations TEXT NOT NULL CHECK (json_valid(configurations)),
  budgets        TEXT NOT NULL CHECK (json_valid(budgets)),
  createdAt      TEXT NOT NULL,
  finishedAt     TEXT
) STRICT;

CREATE TABLE studyRuns (
  study         TEXT NOT NULL REFERENCES studies (id),
  position      INTEGER NOT NULL CHECK (position >= 0),
  configuration INTEGER NOT NULL CHECK (configuration >= 0),
  budget        INTEGER NOT NULL CHECK (budget >= 1),
  seed          INTEGER NOT NULL CHECK (seed >= 0),
  state         TEXT NOT NULL CHECK (state IN ('waiting', 'training', 'scoring', 'done', 'failed')),
  problem       TEXT,
  run           TEXT UNIQUE REFERENCES runs (id),
  evaluation    TEXT REFERENCES evaluations (id),
  PRIMARY KEY (study, position),
  UNIQUE (study, configuration, budget, seed),
  CHECK (state <> 'done' OR evaluation IS NOT NULL)
) STRICT, WITHOUT ROWID;
`;
