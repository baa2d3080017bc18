/** The version of the Report's schema. It is raised when a field changes its meaning or goes away. */
export const SCHEMA_VERSION = 2;
