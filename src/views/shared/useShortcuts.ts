import { useEffect, useRef } from "react";
import { useReadState } from "../AppContext.tsx";

/** Keys as `KeyboardEvent.key`, with "Alt+" or "Ctrl+" before them. */
export type Shortcuts = Readonly<Record<string, (event: KeyboardEvent) => void>>;

function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      (target instanceof HTMLInputElement &&
        !["radio", "checkbox", "range"].includes(target.type)) ||
      target instanceof HTMLTextAreaElement ||
      target instanceof HTMLSelectElement)
  );
}

/** Controls that use arrows, Home, End and Space themselves. */
function usesKey(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (key === " " || key === "Enter")
    return target.closest("button, a, input, [role=tab]") !== null;
  if (/^(Arrow|Home|End|Page)/.test(key))
    return (
      target.closest("[role=slider], [role=tablist], [role=menu]") !== null ||
      (key.startsWith("Arrow") && target.closest("[role=radiogroup]") !== null)
    );
  return false;
}

/** Keyboard commands while the component is on the page. Single letters act only outside fields. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  const read = useReadState();
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.defaultPrevented) return;
      const modifier = event.altKey ? "Alt+" : event.ctrlKey || event.metaKey ? "Ctrl+" : "";
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const act = latest.current[modifier + key];
      if (act === undefined) return;
      if (modifier === "") {
        if (isField(event.target) || usesKey(event.target, event.key)) return;
        const { shortcuts: on, helpOpen, settingsOpen } = read().view;
        if (key.length === 1 && key !== "?" && !on) return;
        if ((helpOpen || settingsOpen) && key !== "Escape" && key !== "?") return;
      }
      event.preventDefault();
      act(event);
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [read]);
}
