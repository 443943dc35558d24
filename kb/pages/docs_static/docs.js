// Shows /v1/openapi.json with Swagger UI, from files of our own server.
"use strict";

window.SwaggerUIBundle({
  url: new URL("../v1/openapi.json", document.currentScript.src).href,
  dom_id: "#docs",
  deepLinking: true,
  docExpansion: "none", // tags open one by one: all operations at once take a browser minutes
  defaultModelsExpandDepth: 0,
  presets: [window.SwaggerUIBundle.presets.apis],
});
