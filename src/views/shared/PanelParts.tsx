import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import type { Failure } from "#src/domain/errors.ts";
import type { SessionFile, StatusKind } from "#src/domain/session.ts";
import { StatusGlyph } from "./StatusGlyph.tsx";

/** A part of a panel with its head; hairlines part them. */
export function Section({
  title,
  caption,
  children,
}: {
  title?: string;
  caption?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className="section" {...(title === undefined ? {} : { "aria-label": title })}>
      {title !== undefined && (
        <div className="section-head">
          <h2>{title}</h2>
          {caption !== undefined && <span className="caption">{caption}</span>}
        </div>
      )}
      {children}
    </section>
  );
}

/** The finding in words: what reads in three seconds. */
export function Verdict({
  kind,
  title,
  detail,
}: {
  kind: StatusKind;
  title: string;
  detail: ReactNode;
}) {
  return (
    <div className="verdict">
      <StatusGlyph kind={kind} size={18} />
      <div>
        <div className="title">{title}</div>
        <div className="detail">{detail}</div>
      </div>
    </div>
  );
}

/** A failure at the place of the result, copyable, with its code in small type. */
export function FailureNote({ failure, onRetry }: { failure: Failure; onRetry?: () => void }) {
  return (
    <div className="failure" role="alert">
      <StatusGlyph kind="failed" size={16} />
      <div>
        <p>{failure.message}</p>
        <p className="caption">{failure.code}</p>
        {onRetry !== undefined && (
          <Button mt={8} variant="default" onClick={onRetry}>
            Retry
          </Button>
        )}
      </div>
    </div>
  );
}

/** Why a picture is not shown; one that is kept nowhere is no error, and can be made again. */
export function PictureFailure({
  failure,
  onAgain,
}: {
  failure: Failure;
  onAgain?: (() => void) | undefined;
}) {
  if (failure.code !== "not-kept") return <FailureNote failure={failure} />;
  return (
    <Empty
      action={
        onAgain === undefined ? null : (
          <Button variant="default" onClick={onAgain}>
            Run again
          </Button>
        )
      }
    >
      {failure.message}
    </Empty>
  );
}

/** A sentence that asks for attention without being an error. */
export function Notice({ children, kind = "warn" }: { children: ReactNode; kind?: StatusKind }) {
  return (
    <div className="notice" role="note">
      <StatusGlyph kind={kind} />
      <div>{children}</div>
    </div>
  );
}

/** What stands where a result will be: one sentence and the one action that ends the emptiness. */
export function Empty({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <p>{children}</p>
      {action}
    </div>
  );
}

/** Sub-tabs of a panel, moved with the arrow keys. */
export function SubTabs<Id extends string>({
  label,
  tabs,
  current,
  onChange,
}: {
  label: string;
  tabs: readonly { readonly id: Id; readonly title: string; readonly mark?: StatusKind | null }[];
  current: Id;
  readonly onChange: (id: Id) => void;
}) {
  const move = (step: number): void => {
    const at = tabs.findIndex((tab) => tab.id === current);
    onChange(tabs[(at + step + tabs.length) % tabs.length].id);
  };
  return (
    <div
      className="tabs"
      role="tablist"
      aria-label={label}
      onKeyDown={(event) => {
        if (event.key === "ArrowRight") move(1);
        else if (event.key === "ArrowLeft") move(-1);
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      {tabs.map((tab) => (
        <button
          key={tab.id}
          type="button"
          role="tab"
          aria-selected={tab.id === current}
          tabIndex={tab.id === current ? 0 : -1}
          ref={(element) => {
            if (tab.id === current && element?.parentElement?.contains(document.activeElement))
              element.focus();
          }}
          onClick={() => onChange(tab.id)}
        >
          {tab.title}
          {tab.mark != null && <StatusGlyph kind={tab.mark} size={11} />}
        </button>
      ))}
    </div>
  );
}

/** What the reader mended or could not find in the file that is shown. */
export function HeaderWarnings({ file }: { file: SessionFile | null }) {
  return (file?.header?.warnings ?? []).map((warning) => <Notice key={warning}>{warning}</Notice>);
}
