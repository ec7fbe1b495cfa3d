/** Where the web server listens and what it offers, from the flags. */
export type WebSettings = {
  /** `:10346`, `127.0.0.1:10346`, `[::1]:10346`. */
  readonly listenAddresses: readonly string[];
  /** Prometheus exporter-toolkit web configuration; null: none. */
  readonly webConfigFile: string | null;
  readonly telemetryPath: string;
  readonly externalUrl: string | null;
  readonly routePrefix: string;
  readonly enableLifecycle: boolean;
};
