import type { FileRole } from "#src/domain/reading.ts";
import type { ActionContext } from "./context.ts";
import type { SessionActions } from "./sessionState.ts";

/** What files serve as: gain reference, dark, bad pixels. */
export interface FileRoles {
  readonly takeRole: (id: string, role: FileRole | null) => void;
  readonly actions: Pick<SessionActions, "useAsReference" | "takeAs">;
}

export function createFileRoles({
  store,
  client,
  update,
}: Pick<ActionContext, "store" | "client" | "update">): FileRoles {
  /** A dark and a list of bad pixels are taken by themselves, once; the gain by its own listener. */
  const takeRole = (id: string, role: FileRole | null): void => {
    if (role !== "dark" && role !== "defects") return;
    update("session", (session) => (session[role] === null ? { [role]: id } : {}));
  };

  /** Of an image that was not looked into when it was opened. */
  const lookInto = (id: string | null): void => {
    if (id === null || store.getState().session.prints[id] !== undefined) return;
    void client
      .call((api) => api.files.print(id))
      .then((outcome) => {
        if (outcome.ok)
          update("session", ({ prints }) => ({ prints: { ...prints, [id]: outcome.value } }));
      });
  };

  return {
    takeRole,
    actions: {
      useAsReference: (id) => {
        update("session", () => ({ reference: id }));
        lookInto(id);
      },
      takeAs: (id, role) => {
        update("session", ({ reference, dark, defects }) => {
          const taken = (now: string | null, wanted: boolean): string | null =>
            wanted ? id : now === id ? null : now;
          return {
            reference: taken(reference, role === "gain"),
            dark: taken(dark, role === "dark"),
            defects: taken(defects, role === "defects"),
          };
        });
        if (role !== null) lookInto(id);
      },
    },
  };
}
