/** `<kennisbank-zoek>` in JSX, for React 19 and later: `import type {} from "kennisbank-zoek/react"`. */

import type { DetailedHTMLProps, HTMLAttributes } from "react";
import type { KennisbankZoekElement, Properties } from "kennisbank-zoek";

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "kennisbank-zoek": DetailedHTMLProps<
        HTMLAttributes<KennisbankZoekElement>,
        KennisbankZoekElement
      > &
        Partial<Properties>;
    }
  }
}
