/** What every command is given. */
export interface CommonOptions {
  project?: string;
  json?: true;
}
