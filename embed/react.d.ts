/** `<kennisbank-zoek>` and `<kennisbank-kaart>` in JSX, for React 19 and later: `import type {} from "kennisbank-zoek/react"`. */

import type { DetailedHTMLProps, HTMLAttributes } from "react";
import type {
  KennisbankKaartElement, KennisbankZoekElement, MapProperties, Properties,
} from "kennisbank-zoek";

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "kennisbank-kaart": DetailedHTMLProps<
        HTMLAttributes<KennisbankKaartElement>,
        KennisbankKaartElement
      > &
        Partial<MapProperties>;
      "kennisbank-zoek": DetailedHTMLProps<
        HTMLAttributes<KennisbankZoekElement>,
        KennisbankZoekElement
      > &
        Partial<Properties>;
    }
  }
}
