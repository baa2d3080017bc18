/** The version of the Report's schema. It increases when a field changes its meaning or is removed. */
export const SCHEMA_VERSION = 2;
