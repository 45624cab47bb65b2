/** Format 11: what a run's teachers agreed on joins its moments, and beside it stands how much they differ there and how surely. */
export const differences = `
CREATE TABLE momentsOfAll (
  run    TEXT NOT NULL REFERENCES runs (id),
  step   INTEGER NOT NULL,
  caseId TEXT NOT NULL REFERENCES cases (id),
  source TEXT NOT NULL CHECK (source IN ('student', 'ct', 'pet', 'agreed')),
  file   TEXT NOT NULL REFERENCES files (hash),
  PRIMARY KEY (run, step, caseId, source)
) STRICT, WITHOUT ROWID;
INSERT INTO momentsOfAll SELECT run, step, caseId, source, file FROM moments;
DROP TABLE moments;
ALTER TABLE momentsOfAll RENAME TO moments;
CREATE INDEX momentsByCase ON moments (caseId);

-- Teachers that differ nowhere are sure of nothing there.
CREATE TABLE differences (
  run         TEXT NOT NULL REFERENCES runs (id),
  step        INTEGER NOT NULL,
  caseId      TEXT NOT NULL REFERENCES cases (id),
  structure   INTEGER NOT NULL,
  volumeMl    REAL NOT NULL CHECK (volumeMl >= 0),
  ctSureness  REAL CHECK (ctSureness BETWEEN 0 AND 1),
  petSureness REAL CHECK (petSureness BETWEEN 0 AND 1),
  PRIMARY KEY (run, step, caseId, structure),
  CHECK ((ctSureness IS NULL) = (volumeMl = 0) AND (petSureness IS NULL) = (volumeMl = 0))
) STRICT, WITHOUT ROWID;
`;
