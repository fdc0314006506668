/** What is fetched from a vendor: a call's recording, or one file of a message. */
export type FetchedKind = 'recording' | 'media';

/** How one kind stands in the tables; `x` is its row, `o` the call or message that it belongs to. */
interface KindTables {
  table: string;
  /** Key besides the tenant, `$2` and `$3` being the owner's id and the position. */
  key: string;
  entity: string;
  position: string;
  owner: string;
  ownerAt: string;
  /** In `tenants.retention_days`. */
  retention: string;
  declaredType: string;
  source: string;
}

export const kinds: Record<FetchedKind, KindTables> = {
  recording: {
    table: 'voice_call_recordings',
    key: 'x.call_id = $2 AND $3::int IS NOT NULL',
    entity: 'x.call_id',
    position: '0',
    owner: 'voice_calls',
    ownerAt: 'o.began_at',
    retention: 'recordings',
    declaredType: 'NULL::text',
    source: 'o.source',
  },
  media: {
    table: 'message_media',
    key: 'x.message_id = $2 AND x.position = $3',
    entity: 'x.message_id',
    position: 'x.position',
    owner: 'conversation_messages',
    ownerAt: 'o.sent_at',
    retention: 'media',
    declaredType: 'x.content_type',
    source: 'o.source',
  },
};

export const allKinds: readonly FetchedKind[] = ['recording', 'media'];
