/** The right to work on a session, held by one tab at a time. */
export interface HeldLock {
  release(): void;
}

/**
 * Takes the lock of a session; null = another tab has it. `steal` takes it away from that tab, whose
 * `onLost` is then called.
 */
export async function holdSession(
  id: string,
  { steal, onLost }: { readonly steal: boolean; readonly onLost: () => void },
): Promise<HeldLock | null> {
  return await new Promise((resolve) => {
    let release = (): void => undefined;
    let released = false;
    const held = new Promise<void>((done) => {
      release = () => {
        released = true;
        done();
      };
    });
    navigator.locks
      .request(
        `cryoloupe-session-${id}`,
        steal ? { steal: true } : { ifAvailable: true },
        async (lock) => {
          resolve(lock === null ? null : { release });
          if (lock !== null) await held;
        },
      )
      // A lock that was stolen rejects with AbortError.
      .catch(() => {
        if (!released) onLost();
      });
  });
}
