/** Format 12: a run may belong to students of several studies. */
export const sharedRuns = `
CREATE TABLE studyRunsShared (
  study         TEXT NOT NULL REFERENCES studies (id),
  position      INTEGER NOT NULL CHECK (position >= 0),
  configuration INTEGER NOT NULL CHECK (configuration >= 0),
  budget        INTEGER NOT NULL CHECK (budget >= 1),
  seed          INTEGER NOT NULL CHECK (seed >= 0),
  state         TEXT NOT NULL CHECK (state IN ('waiting', 'training', 'scoring', 'done', 'failed')),
  problem       TEXT,
  run           TEXT REFERENCES runs (id),
  evaluation    TEXT REFERENCES evaluations (id),
  PRIMARY KEY (study, position),
  UNIQUE (study, configuration, budget, seed),
  CHECK (state <> 'done' OR evaluation IS NOT NULL)
) STRICT, WITHOUT ROWID;
INSERT INTO studyRunsShared SELECT study, position, configuration, budget, seed, state, problem, run, evaluation FROM studyRuns;
DROP TABLE studyRuns;
ALTER TABLE studyRunsShared RENAME TO studyRuns;
`;
