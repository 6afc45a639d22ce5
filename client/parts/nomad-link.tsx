/** To a page of Nomad's own UI, in a window of its own. */
import { IconExternalLink } from "@tabler/icons-react";
import type { ReactElement } from "react";

export function NomadLink({ href, what }: { readonly href: string; readonly what: string }): ReactElement {
  return (
    <div>
      <a href={href} target="_blank" rel="noreferrer" className="soft unbroken" aria-label={`Nomad’s page of ${what}`}>
        Nomad
        <IconExternalLink size={14} stroke={1.5} style={{ marginInlineStart: 4, verticalAlign: "-2px" }} aria-hidden />
      </a>
    </div>
  );
}
