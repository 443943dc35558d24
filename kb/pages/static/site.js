// What pages do better with a script: suggestions while typing, and results without a new page.
"use strict";
