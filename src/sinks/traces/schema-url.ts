/** The version of the semantic conventions that our attributes are named by: that of the package which tests hold them against. */
export const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.45.0';
