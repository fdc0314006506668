/** A Zoice webhook as it is posted. */
export interface WebhookBody {
  event: 'call.started' | 'call.completed' | 'call.failed' | 'call.analyzed' | 'recording.ready';
  event_id: string;
  /** RFC 3339 with the clinic's offset. */
  occurred_at: string;
  call: {
    id: string;
    direction: 'inbound' | 'outbound';
    from?: string;
    to?: string;
    status?: string;
    started_at?: string;
    answered_at?: string;
    ended_at?: string;
    duration_seconds?: number;
    end_reason?: string;
    language?: string;
    agent?: { id: string; name: string; version: string };
    transferred_to?: string | null;
    cost?: { amount: number; currency: string };
  };
  transcript?: { language: string; engine: string; turns: WebhookTurn[] };
  recording?: {
    url: string;
    format: string;
    duration_seconds: number;
    size_bytes: number;
    sha256: string;
    channels: number;
  };
  quality?: {
    audio_score: number;
    transcription_confidence: number;
    latency_ms_p50: number;
    latency_ms_p95: number;
    interruptions: number;
    silence_seconds: number;
  };
  extraction?: { intent: string; confidence: number; entities: Record<string, string> };
  tool_calls?: { id: string; name: string; requested_at: string; responded_at: string; ok: boolean }[];
  outcome?: string;
  summary?: string;
  metadata?: Record<string, string>;
}

export interface WebhookTurn {
  index: number;
  speaker: 'agent' | 'caller';
  text: string;
  start_ms: number;
  end_ms?: number;
  confidence?: number;
}
