/**
 * Where instances leave key sets for each other: a cold start and an instance that never saw the issuer begin with what another
 * one fetched. Optional, and never a reason for a request to fail. What it returns is input like any other.
 */
export interface SnapshotStore {
  /** What is stored under `name`; undefined when nothing is, or when it could not be had in time. Never rejects. */
  read(name: string): Promise<unknown>;
  /**
   * Replaces what is stored under `name` by what `change` makes of it, once more where another instance wrote in between, so
   * that nothing is lost. `change` may run more than once; undefined leaves what is there. Never rejects.
   */
  update(name: string, change: (stored: unknown) => object | undefined): Promise<void>;
  /** Whether the store was there when it was last needed. */
  state(): 'not-used' | 'reachable' | 'failing';
}
