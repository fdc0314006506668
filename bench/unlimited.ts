/** Settings by which no limit on requests is reached: what is measured is the work. */
export const unlimited = {
  API_ADDRESS_LIMIT_PER_MINUTE: '1000000000',
  API_TENANT_LIMIT_PER_MINUTE: '1000000000',
  INGEST_ADDRESS_LIMIT_PER_MINUTE: '1000000000',
  INGEST_TENANT_LIMIT_PER_MINUTE: '1000000000',
};
