import { selectedFile } from "#src/state/sessionSlice.ts";
import { useAppState } from "../AppContext.tsx";
import { Section } from "../shared/PanelParts.tsx";

export function GainPanel() {
  const file = useAppState((s) => selectedFile(s.session));
  return (
    <aside className="column panel" aria-label="Gain">
      <div className="panel-head">
        <h1>Gain</h1>
      </div>
      <div className="panel-body">
        <Section title="Header" caption={file?.header?.format.toUpperCase()}>
          <dl className="pairs">
            {(file?.header?.fields ?? []).map((field) => (
              <div key={field.name} style={{ display: "contents" }}>
                <dt>{field.name}</dt>
                <dd>{field.value}</dd>
              </div>
            ))}
          </dl>
        </Section>
      </div>
    </aside>
  );
}
