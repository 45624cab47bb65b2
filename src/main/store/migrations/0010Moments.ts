/** Format 10: how unlabelled cases looked to a run's student and its teachers at some of its steps, one label map each. */
export const moments = `
CREATE TABLE moments (
  run    TEXT NOT NULL REFERENCES runs (id),
  step   INTEGER NOT NULL,
  caseId TEXT NOT NULL REFERENCES cases (id),
  source TEXT NOT NULL CHECK (source IN ('student', 'ct', 'pet')),
  file   TEXT NOT NULL REFERENCES files (hash),
  PRIMARY KEY (run, step, caseId, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX momentsByCase ON moments (caseId);
`;
